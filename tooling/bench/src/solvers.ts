import { type KernelSplit, Mt19937, ndarray } from '@ntk-lens/core';
import { openFloat64Products } from '@ntk-lens/engine/float64-products';
import { createSolver, type SolverSpec } from '@ntk-lens/solvers';
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { benches } from './front/benches.js';
import { optionsOf } from './front/options-of.js';
import { expectKnown } from './front/parse-options.js';
import { byTurns, medianOf } from './measure/by-turns.js';
import { printHeading } from './measure/heading.js';
import { printRow, verdict } from './measure/print.js';
import { runApart } from './measure/processes.js';
import { peakMebibytes, timed, writeFigures } from './measure/resources.js';
import { requirePackages, runPeer } from './peers/python.js';

const jobs = {
  lstsq: { solver: 'lstsq', ridge: 0.01 },
  Cholesky: { solver: 'lstsq', ridge: 0.01 },
  'gaussian-process': { solver: 'gaussian-process', ridge: 0.01 },
  'gradient-flow': { solver: 'gradient-flow', time: 100 },
  'gradient-flow-cross-entropy': { solver: 'gradient-flow', loss: 'cross-entropy', time: 100 },
  'kernel-logistic': { solver: 'kernel-logistic', ridge: 0.01 },
  svr: { solver: 'svr', ridge: 0.01 },
  svc: { solver: 'svc', ridge: 0.01 },
  asym: { solver: 'asym' },
} as const satisfies Record<string, SolverSpec>;
/** Jobs that need no eigenvalues report none: a ridge then takes Cholesky's factor. */
const withoutDiagnostics: readonly string[] = ['Cholesky'];
type Job = keyof typeof jobs | 'ml-matrix';

const values = optionsOf('solvers');
const { rows } = values;

/** Rows of a fit that comes before the one that is timed. */
const WARM_ROWS = 768;

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

const splitsFor = (size: number, logits: number, skew: number): { train: KernelSplit; test: KernelSplit } => {
  const examples = Math.floor(size / logits);
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

const runJob = async (job: Job): Promise<readonly Record<string, unknown>[]> => {
  if (job === 'ml-matrix') {
    const matrix = Matrix.from1DArray(rows, rows, splitsFor(rows, 1, 0).train.kernel.data);
    return [
      { name: 'ml-matrix, Cholesky', ...(await timed(() => new CholeskyDecomposition(matrix))) },
      {
        name: 'ml-matrix, eigendecomposition',
        ...(await timed(() => new EigenvalueDecomposition(matrix, { assumeSymmetric: true }))),
      },
    ];
  }
  const asymmetric = job === 'asym';
  const splits = (size: number) => splitsFor(size, asymmetric ? 1 : values.logits, asymmetric ? 0.01 : 0);
  const { train, test } = splits(rows);
  const solver = createSolver(jobs[job]);
  const addProduct = values.plain ? undefined : await openFloat64Products(values.threads);
  const diagnostics = !withoutDiagnostics.includes(job);
  // Its code is compiled then: peers are timed in their second run, too.
  await createSolver(jobs[job]).fit(splits(Math.min(rows, WARM_ROWS)).train, { addProduct, diagnostics });
  const fit = await timed(() => solver.fit(train, { addProduct, diagnostics }));
  const { seconds } = await timed(() => solver.predict(test));
  return [{ name: job, ...fit, predict: seconds }];
};

/** A line of the table. */
interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly cpu: number;
  readonly predict?: number;
  /** MiB. */
  readonly peak: number;
}

const known = [...Object.keys(jobs), 'ml-matrix'] as Job[];

/** A job in a process of its own. */
const runOne = (job: string): Promise<readonly Row[]> => {
  const { logits, threads, plain } = values;
  return runApart('solvers', { job, rows, logits, threads, plain });
};

interface Peer {
  readonly eigh: number;
  readonly cholesky: number;
}

/** Ours and theirs by turns. */
const compare = async (): Promise<object> => {
  const { python, threads, turns } = values;
  const env = { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) };
  Object.assign(process.env, env);
  const measured = await byTurns<{ lstsq: Row; cholesky: Row; peer: Peer }>(
    {
      lstsq: async () => (await runOne('lstsq'))[0]!,
      cholesky: async () => (await runOne('Cholesky'))[0]!,
      peer: () => runPeer(python, 'peer_solvers.py', { rows }),
    },
    { turns },
  );
  const eigh = {
    ours: medianOf(measured, ({ lstsq }) => lstsq.seconds),
    theirs: medianOf(measured, ({ peer }) => peer.eigh),
  };
  const cholesky = {
    ours: medianOf(measured, (turn) => turn.cholesky.seconds),
    theirs: medianOf(measured, ({ peer }) => peer.cholesky),
  };
  const line = (what: string, { ours, theirs }: typeof eigh): void =>
    console.log(
      `${what}: ${ours.toFixed(2)} s ÷ ${theirs.toFixed(2)} s = ${(ours / theirs).toFixed(2)} ≤ 4: ${verdict(ours / theirs <= 4)}`,
    );
  console.log();
  line("lstsq with diagnostics ÷ NumPy's eigh", eigh);
  line("lstsq by Cholesky ÷ SciPy's Cholesky solve", cholesky);
  return { eigh, cholesky };
};

const printTable = async (): Promise<void> => {
  const names = values.solvers?.map((name) => expectKnown('--solvers', name, known)) ?? Object.keys(jobs);
  const peers = values.peer ? requirePackages(values.python, benches.solvers.needs) : undefined;
  const { threads, plain } = values;
  const surroundings = await printHeading({ threads, runtime: plain ? undefined : 'ort-cpu', peers });
  const widths = [30, -7, -7, -11, -14];
  printRow(widths, [`${rows} rows`, 'fit (s)', 'CPU (s)', 'predict (s)', 'peak RSS (MiB)']);
  const found: Row[] = [];
  for (const job of [...names, ...(values['ml-matrix'] ? ['ml-matrix'] : [])]) {
    for (const row of await runOne(job)) {
      const { name, seconds, cpu, predict, peak } = row;
      found.push(row);
      const cells = [seconds.toFixed(1), cpu.toFixed(1), predict?.toFixed(2) ?? '–', peak.toFixed(0)];
      printRow(widths, [name, ...cells]);
    }
  }
  const against = values.peer ? await compare() : undefined;
  writeFigures(values.json, { ...surroundings, rows, found, against });
};

if (values.job === undefined) await printTable();
else {
  const done = await runJob(expectKnown('--job', values.job, known));
  console.log(JSON.stringify(done.map((row) => ({ ...row, peak: peakMebibytes() }))));
}
