/**
 * Whole fits at N·C rows: each solver on a kernel of that size, diagnostics included, then predictions for a tenth as
 * many rows. Every solver runs in a process of its own, so that nothing is shared and the peak memory is its own.
 *
 *     pnpm --filter @ntk-lens/bench solvers [--rows 3072] [--logits 3] [--solvers lstsq,svr] [--ml-matrix]
 *
 * Solvers of symmetric kernels get `--logits` outputs an example; `asym` gets one output and both kernels of an
 * A-SignGD run, as it can take nothing else. The target is a minute; `logistic`, which fits 51 models, does not
 * claim it. `--ml-matrix` also times that library's eigendecomposition and Cholesky factorization of the same matrix:
 * at 3,072 rows it takes minutes.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type KernelSplit, Mt19937, ndarray } from '@ntk-lens/core';
import { createSolver, type SolverSpec } from '@ntk-lens/solvers';
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from 'ml-matrix';

const jobs = {
  lstsq: { solver: 'lstsq', ridge: 0.01 },
  'gaussian-process': { solver: 'gaussian-process', ridge: 0.01 },
  'gradient-flow': { solver: 'gradient-flow', time: 100 },
  'gradient-flow, cross-entropy': { solver: 'gradient-flow', loss: 'cross-entropy', time: 100 },
  'kernel-logistic': { solver: 'kernel-logistic', ridge: 0.01 },
  svr: { solver: 'svr', ridge: 0.01 },
  svc: { solver: 'svc', ridge: 0.01 },
  asym: { solver: 'asym' },
} as const satisfies Record<string, SolverSpec>;
type Job = keyof typeof jobs | 'ml-matrix';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '3072' },
    logits: { type: 'string', default: '3' },
    solvers: { type: 'string', default: Object.keys(jobs).join(';') },
    'ml-matrix': { type: 'boolean', default: false },
    job: { type: 'string' },
  },
});
const rows = Number(values.rows);

/** exp(−‖x − y‖) of normal points in 16 dimensions: full rank, with eigenvalues that fall like a power. */
const kernelOf = (points: Float64Array, others: Float64Array, skew: number): Float64Array => {
  const [n, m] = [points.length / 16, others.length / 16];
  const kernel = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let squared = 0;
      for (let k = 0; k < 16; k++) squared += (points[16 * i + k]! - others[16 * j + k]!) ** 2;
      kernel[i * m + j] = Math.exp(-Math.sqrt(squared)) * (1 + skew * (points[16 * i]! - others[16 * j]!));
    }
  }
  return kernel;
};

const splitsFor = (logits: number, skew: number): { train: KernelSplit; test: KernelSplit } => {
  const examples = Math.floor(rows / logits);
  const queries = Math.ceil(examples / 10);
  const random = new Mt19937(42);
  const draw = (count: number): Float64Array =>
    Float64Array.from({ length: 16 * logits * count }, () => 2 * random.randomSample() - 1);
  const points = draw(examples);
  const split = (others: Float64Array, count: number): KernelSplit => {
    const shape = [examples, logits, count, logits];
    const labels = Int32Array.from(
      { length: count },
      (_, i) => Math.abs(Math.round(3 * others[16 * logits * i]!)) % Math.max(2, logits),
    );
    return {
      kernel: ndarray<'float64'>(kernelOf(points, others, skew), shape),
      flipped: skew === 0 ? undefined : ndarray<'float64'>(kernelOf(points, others, -skew), shape),
      logits: ndarray<'float64'>(new Float64Array(count * logits), [count, logits]),
      labels: ndarray<'int32'>(labels, [count]),
    };
  };
  return { train: split(points, examples), test: split(draw(queries), queries) };
};

const timed = async (work: () => unknown): Promise<{ seconds: number; cpu: number }> => {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
};

const runJob = async (job: Job): Promise<readonly Record<string, unknown>[]> => {
  if (job === 'ml-matrix') {
    const matrix = Matrix.from1DArray(rows, rows, splitsFor(1, 0).train.kernel.data);
    return [
      { name: 'ml-matrix, Cholesky', ...(await timed(() => new CholeskyDecomposition(matrix))) },
      {
        name: 'ml-matrix, eigendecomposition',
        ...(await timed(() => new EigenvalueDecomposition(matrix, { assumeSymmetric: true }))),
      },
    ];
  }
  const asymmetric = job === 'asym';
  const { train, test } = splitsFor(asymmetric ? 1 : Number(values.logits), asymmetric ? 0.01 : 0);
  const solver = createSolver(jobs[job]);
  const fit = await timed(() => solver.fit(train));
  const { seconds } = await timed(() => solver.predict(test));
  return [{ name: job, ...fit, predict: seconds }];
};

if (values.job === undefined) {
  const names: string[] = [...values.solvers.split(';'), ...(values['ml-matrix'] ? ['ml-matrix'] : [])];
  console.log(`${rows} rows${' '.repeat(22)}fit (s)  CPU (s)  predict (s)  peak RSS (MiB)`);
  for (const name of names) {
    const script = fileURLToPath(import.meta.url);
    const argv = ['--conditions=@ntk-lens/source', '--import', 'tsx', script, '--job', name];
    const options = ['--rows', values.rows, '--logits', values.logits];
    const { stdout, status } = spawnSync(process.execPath, [...argv, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    });
    if (status !== 0) process.exit(status ?? 1);
    for (const line of stdout.trim().split('\n')) {
      const { name: what, seconds, cpu, predict, peak } = JSON.parse(line) as Record<string, number>;
      const cell = (value: number | undefined, digits: number, width: number) =>
        (value === undefined ? '–' : value.toFixed(digits)).padStart(width);
      console.log(
        `${String(what).padEnd(32)}${cell(seconds, 1, 7)}  ${cell(cpu, 1, 7)}  ${cell(predict, 2, 11)}  ${cell(peak, 0, 14)}`,
      );
    }
  }
} else {
  if (!(values.job in jobs) && values.job !== 'ml-matrix') {
    console.error(`Unknown solver ${values.job}. Known, separated by ;: ${Object.keys(jobs).join('; ')}`);
    process.exit(2);
  }
  for (const row of await runJob(values.job as Job)) {
    console.log(JSON.stringify({ ...row, peak: process.resourceUsage().maxRSS / 1024 }));
  }
}
