import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, medianInterval } from '@ntk-lens/tensor-programs';
import { benches } from './front/benches.js';
import { optionsOf } from './front/options-of.js';
import { relativeError } from './kernels/bench-runs.js';
import { drawInputs } from './kernels/draw-inputs.js';
import { byTurns, medianOf } from './measure/by-turns.js';
import { printHeading } from './measure/heading.js';
import { flagsFor, lastLine, sourceFlags } from './measure/processes.js';
import { scratchFolder, writeFigures } from './measure/resources.js';
import { modelOrRandom, requirePackages } from './peers/python.js';

const options = optionsOf('before-after');
const { cases, python, threads, n, m, memory, binary, turns } = options;

/** The report of one process on itself. */
interface Measured {
  readonly seconds: number;
  readonly cpu_seconds: number;
  readonly peak_rss_mb: number;
}
interface Pair {
  readonly old: Measured;
  readonly new: Measured;
}
type Side = keyof Pair;

const sources: Readonly<Record<Side, string>> = {
  old: join(options.old, 'tooling/bench/src'),
  new: fileURLToPath(new URL('.', import.meta.url)),
};

/** Starts a bench of a side; checkouts from before the front have a file for each. */
const startOf = (side: Side, bench: string): readonly string[] => {
  const front = join(sources[side], 'bench.ts');
  return existsSync(front) ? [front, bench] : [join(sources[side], `${bench}.ts`)];
};

// Prints, as a process ends, what all of it took.
const whole = `const start = performance.now(); process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000,
    cpu_seconds: (userCPUTime + systemCPUTime) / 1e6, peak_rss_mb: maxRSS / 1024 }));
});`;

const ofKernels = cases.some((name) => name !== 'check');
const needsPython = ofKernels && options.model === undefined;
const peers = needsPython ? requirePackages(python, benches['before-after'].needs) : undefined;
const surroundings = await printHeading({ threads, peers });
const folder = scratchFolder();
const model = ofKernels ? await modelOrRandom(python, options.model, folder) : undefined;
const inputs = join(folder, 'inputs.json');
writeFileSync(inputs, JSON.stringify(drawInputs(n, m, [20, 60], 0)));

const savedOf = (side: Side, name: string): string => join(folder, `${side}-${name}.npy`);

const measure = async (side: Side, name: string): Promise<Measured> => {
  const isCheck = name === 'check';
  const flags = isCheck ? ['--import', `data:text/javascript,${encodeURIComponent(whole)}`] : [];
  const kernel = { model, inputs, formula: name, n, m, memory, binary, save: savedOf(side, name) };
  const argv = flagsFor(isCheck ? { threads } : { ...kernel, threads });
  const start = startOf(side, isCheck ? 'check' : 'kernel-run');
  return JSON.parse(
    await lastLine(process.execPath, [...sourceFlags(), ...flags, ...start, ...argv]),
  ) as Measured;
};

const together = async (name: string): Promise<readonly Pair[]> => {
  const pairs: Pair[] = [];
  while (pairs.length < turns) {
    const [old, own] = await Promise.all([measure('old', name), measure('new', name)]);
    pairs.push({ old, new: own });
  }
  return pairs;
};

const describe = ({ seconds, cpu_seconds, peak_rss_mb }: Measured): string =>
  `${seconds.toFixed(1)} s, ${cpu_seconds.toFixed(1)} s of processor, ${peak_rss_mb.toFixed(0)} MB`;

console.log(
  `${n} x ${m}, ${binary ? 'one output' : 'two outputs'}; ${turns} pairs ${options.together ? 'together' : 'by turns, after one that does not count'}`,
);
const found: Record<string, unknown> = {};
for (const name of cases) {
  const pairs = options.together
    ? await together(name)
    : await byTurns<Pair>(
        { old: () => measure('old', name), new: () => measure('new', name) },
        {
          turns,
          warmUp: true,
          onTurn: (pair, turn) =>
            console.error(`${name}, pair ${turn + 1}: old ${describe(pair.old)}; new ${describe(pair.new)}`),
        },
      );
  const speeds = pairs.map(({ old, new: own }) => old.seconds / own.seconds);
  const interval = medianInterval(speeds, 0.9);
  const speed = median(speeds);
  const cpu = medianOf(pairs, ({ old, new: own }) => own.cpu_seconds / old.cpu_seconds);
  const peak = medianOf(pairs, ({ old, new: own }) => own.peak_rss_mb / old.peak_rss_mb);
  const apart = name === 'check' ? undefined : relativeError(savedOf('new', name), savedOf('old', name));
  const seconds = (side: Side) => medianOf(pairs, (pair) => pair[side].seconds).toFixed(2);
  console.log(
    [
      `${name}: old ${seconds('old')} s, new ${seconds('new')} s`,
      `old / new ${speed.toFixed(3)} [${interval?.map((x) => x.toFixed(3)).join(', ') ?? 'too few pairs'}]`,
      `processor seconds new / old ${cpu.toFixed(3)}`,
      `peak memory new / old ${peak.toFixed(3)}`,
      ...(apart === undefined ? [] : [`kernels apart by ${apart.toExponential(1)}`]),
    ].join('; '),
  );
  found[name] = { pairs, speed, interval, cpu, memory: peak, apart };
}
writeFigures(options.json, { ...surroundings, found });
