/**
 * Speed and memory of this checkout against an earlier one: each measurement is a process of its own, and
 * pairs are compared. Old and new run by turns, after a pair that does not count. With `--together` both run
 * at once: each needs threads of its own (`--threads 1` on two cores), and both meet the same noise of the
 * machine.
 *
 *     git worktree add ../old COMMIT && (cd ../old && npx -y pnpm install)
 *     pnpm --filter @ntk-lens/bench before-after --old ../old [--pairs 7] [--cases sgd,signgd,check]
 *         [--model DIR] [--python python3] [--n 32] [--m 64] [--binary] [--threads 2] [--memory 3.5] [--together] [--json FILE]
 *
 * `sgd` and `signgd` (or another formula that both have) are one kernel of a model of RoBERTa-base's shape
 * with random weights, two outputs unless `--binary`, timed from the weights in memory on. `check` is all of
 * `ntk-lens check` on `sentiment`, whole process. Printed per case: the median of old ÷ new with an interval
 * of 90 % for it (any distribution), medians of new ÷ old of processor seconds and peak memory, and how far
 * apart the two kernels are.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, medianInterval } from '@ntk-lens/tensor-programs';
import { lastLine, relativeError } from './kernels/bench-runs.js';
import { drawInputs } from './kernels/draw-inputs.js';

const { values: options } = parseArgs({
  options: {
    old: { type: 'string' },
    pairs: { type: 'string', default: '7' },
    cases: { type: 'string', default: 'sgd,signgd,check' },
    model: { type: 'string' },
    python: { type: 'string', default: process.env['PYTHON'] ?? 'python3' },
    n: { type: 'string', default: '32' },
    m: { type: 'string', default: '64' },
    binary: { type: 'boolean', default: false },
    threads: { type: 'string', default: '2' },
    memory: { type: 'string', default: '3.5' },
    together: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
if (options.old === undefined) {
  console.error(
    '--old: found nothing, expected the folder of an earlier checkout with its packages installed.',
  );
  process.exit(2);
}

/** The report of one process on itself. */
interface Measured {
  readonly seconds: number;
  readonly cpu_seconds: number;
  readonly peak_rss_mb: number;
}

const bench = fileURLToPath(new URL('.', import.meta.url));
const sides = { old: join(resolve(options.old), 'tooling/bench/src'), new: bench } as const;
type Side = keyof typeof sides;

// Prints, as a process ends, what all of it took.
const whole = `const start = performance.now(); process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000,
    cpu_seconds: (userCPUTime + systemCPUTime) / 1e6, peak_rss_mb: maxRSS / 1024 }));
});`;

const folder = mkdtempSync(join(tmpdir(), 'ntk-lens-bench-'));
try {
  const model = options.model ?? join(folder, 'model');
  const names = options.cases.split(',');
  if (options.model === undefined && names.some((name) => name !== 'check')) {
    const script = fileURLToPath(new URL('../../reference/make_roberta_base_random.py', import.meta.url));
    await lastLine(options.python, [script, model, '--size', 'base']);
  }
  const inputs = join(folder, 'inputs.json');
  writeFileSync(inputs, JSON.stringify(drawInputs(Number(options.n), Number(options.m), [20, 60], 0)));

  const measure = async (side: Side, name: string): Promise<Measured> => {
    const common = ['--conditions=@ntk-lens/source', '--import', 'tsx'];
    const { n, m, threads, memory } = options;
    if (name === 'check') {
      const flags = [...common, '--import', `data:text/javascript,${encodeURIComponent(whole)}`];
      return JSON.parse(
        await lastLine(process.execPath, [...flags, join(sides[side], 'check.ts'), '--threads', threads]),
      ) as Measured;
    }
    const argv = ['--model', model, '--inputs', inputs, '--formula', name, '--n', n, '--m', m];
    const more = ['--threads', threads, '--memory', memory, '--save', join(folder, `${side}-${name}.npy`)];
    const binary = options.binary ? ['--binary'] : [];
    const file = join(sides[side], 'kernel-run.ts');
    return JSON.parse(
      await lastLine(process.execPath, [...common, file, ...argv, ...more, ...binary]),
    ) as Measured;
  };

  const shape = `${options.n} x ${options.m}, ${options.binary ? 'one output' : 'two outputs'}`;
  console.log(
    `${cpus()[0]?.model ?? 'an unknown processor'}, ${options.threads} threads, load ${loadavg()[0]!.toFixed(1)} at the start; ${shape}; ${options.pairs} pairs ${options.together ? 'together' : 'by turns, after one that does not count'}`,
  );
  const byTurns = async (order: readonly Side[], name: string): Promise<Record<Side, Measured>> => {
    const pair = {} as Record<Side, Measured>;
    for (const side of order) pair[side] = await measure(side, name);
    return pair;
  };
  const together = async (name: string): Promise<Record<Side, Measured>> => {
    const [old, own] = await Promise.all([measure('old', name), measure('new', name)]);
    return { old, new: own };
  };
  const found: Record<string, unknown> = {};
  for (const name of names) {
    const pairs: Record<Side, Measured>[] = [];
    for (let turn = options.together ? 1 : 0; turn <= Number(options.pairs); turn++) {
      // Each side goes first as often as the other.
      const order: readonly Side[] = turn % 2 === 0 ? ['old', 'new'] : ['new', 'old'];
      const pair = options.together ? await together(name) : await byTurns(order, name);
      if (turn === 0) continue;
      pairs.push(pair);
      const [before, after] = [pair.old, pair.new].map(
        ({ seconds, cpu_seconds, peak_rss_mb }) =>
          `${seconds.toFixed(1)} s, ${cpu_seconds.toFixed(1)} s of processor, ${peak_rss_mb.toFixed(0)} MB`,
      );
      console.error(`${name}, pair ${turn}: old ${before}; new ${after}`);
    }
    const ratio = (of: (pair: Record<Side, Measured>) => number) => pairs.map(of);
    const speed = ratio(({ old, new: own }) => old.seconds / own.seconds);
    const cpu = ratio(({ old, new: own }) => own.cpu_seconds / old.cpu_seconds);
    const memory = ratio(({ old, new: own }) => own.peak_rss_mb / old.peak_rss_mb);
    const interval = medianInterval(speed, 0.9);
    const seconds = (side: Side) => median(pairs.map((pair) => pair[side].seconds)).toFixed(2);
    const apart =
      name === 'check'
        ? undefined
        : relativeError(join(folder, `new-${name}.npy`), join(folder, `old-${name}.npy`));
    console.log(
      [
        `${name}: old ${seconds('old')} s, new ${seconds('new')} s`,
        `old / new ${median(speed).toFixed(3)} [${interval?.map((x) => x.toFixed(3)).join(', ') ?? 'too few pairs'}]`,
        `processor seconds new / old ${median(cpu).toFixed(3)}`,
        `peak memory new / old ${median(memory).toFixed(3)}`,
        ...(apart === undefined ? [] : [`kernels apart by ${apart.toExponential(1)}`]),
      ].join('; '),
    );
    found[name] = { pairs, speed: median(speed), interval, cpu: median(cpu), memory: median(memory), apart };
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(found, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
