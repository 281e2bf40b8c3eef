import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Mt19937 } from '@ntk-lens/core';
import { bundleProgram } from '../../../packages/ntk-lens/src/testing/bundle-program.js';
import { comparableFiles, differences } from '../../../packages/ntk-lens/src/testing/kills/compare-files.js';
import { readUnits } from '../../../packages/ntk-lens/src/units/manifest.js';
import { workOf } from '../../../packages/ntk-lens/src/units/share.js';
import { MeasurementFailedError } from './front/errors.js';
import { optionsOf } from './front/options-of.js';
import { printHeading } from './measure/heading.js';
import { hasNamespaces, inNamespace } from './measure/in-namespace.js';
import { inSeconds, printRow, verdict } from './measure/print.js';
import { scratchFolder, writeFigures } from './measure/resources.js';
import { writeEncoder } from './shapes/write-encoder.js';

const options = optionsOf('units');
const { width, seed, json } = options;
/** Units that a large kernel is cut into, one for each worker. */
const WORKERS = 8;
const shapes = options.quick
  ? { overhead: [8, 32], shared: [16, 64] }
  : { overhead: [64, 512], shared: [options.train, options.queries] };

const surroundings = await printHeading({ threads: 1, runtime: 'ort-cpu' });
const folder = scratchFolder();
const program = await bundleProgram(join(folder, 'program'));
const model = await writeEncoder(
  join(folder, 'model'),
  options.quick ? { width: 8, layers: 2 } : { width, layers: 4 },
);
// Starting takes as long as a small model's kernel.
const base = await writeEncoder(
  join(folder, 'base'),
  options.quick ? { width: 8, layers: 2 } : { width: 768, layers: 12 },
);
const atExit = fileURLToPath(new URL('./measure/cpu-at-exit.mjs', import.meta.url));
const separate = hasNamespaces();
console.log(`processes ${separate ? 'in namespaces of their own' : 'of one host: namespaces need root'}\n`);

/** Time and memory of processes, all together. */
interface Spent {
  readonly seconds: number;
  readonly cpu: number;
  readonly peakMebibytes: number;
}

let log = 0;

/** Runs processes of the program at the same time. */
const run = async (commands: readonly (readonly string[])[], hosts = false): Promise<Spent> => {
  const file = join(folder, `cpu-${log++}`);
  const start = performance.now();
  const ends = commands.map(async (argv, i) => {
    const command = [process.execPath, '--import', atExit, program, ...argv, '--quiet'];
    const [first, ...rest] = hosts && separate ? inNamespace(`host-${i}`, command) : command;
    const env = { ...process.env, CPU_LOG: file, NO_COLOR: '1' };
    const child = spawn(first!, rest, { stdio: ['ignore', 'ignore', 'pipe'], env });
    let errors = '';
    child.stderr!.on('data', (data) => {
      errors += data;
    });
    const [code, signal] = await once(child, 'close');
    if (code !== 0) throw new MeasurementFailedError(argv.join(' '), `${signal ?? code}: ${errors}`);
  });
  await Promise.all(ends);
  const seconds = (performance.now() - start) / 1000;
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const each = lines.map((line) => JSON.parse(line) as Spent);
  return {
    seconds,
    cpu: each.reduce((sum, { cpu }) => sum + cpu, 0),
    peakMebibytes: Math.max(...each.map(({ peakMebibytes }) => peakMebibytes)),
  };
};

const columns = ['--text-columns', 'text', '--label-column', 'label', '--first-sentence-limit', '120'];
const mapping = JSON.stringify({ negative: 'terrible', positive: 'great' });
const prompt = ['--template', '*cls**sent_0*_It_was*mask*.*sep+*', '--mapping', mapping];
const random = new Mt19937(seed);
const words = ['film', 'plot', 'warm', 'dull', 'funny', 'slow', 'great', 'noise', 'actor', 'scene'];

/** A task of two labels with as many training examples, and as many others, half of them for development where there are few. */
const taskOf = async (name: string, [train, queries]: readonly number[]): Promise<readonly string[]> => {
  const rows = Array.from({ length: 2 * train! + queries! }, (_, i) => {
    const length = 8 + random.interval(16);
    const text = Array.from({ length }, () => words[random.interval(words.length - 1)]).join(' ');
    return `${text},${i % 2 === 0 ? 'negative' : 'positive'}`;
  });
  const file = join(folder, `${name}.csv`);
  await writeFile(file, ['text,label', ...rows].join('\n'));
  const sizes = ['--shots', String(train! / 2), '--limit-test', String(queries! - train!)];
  return ['--data', file, ...sizes, ...columns, ...prompt];
};

const compare = async (found: string, expected: string): Promise<void> => {
  const other = differences(await comparableFiles(found), await comparableFiles(expected));
  if (other.length > 0) throw new MeasurementFailedError(found, `other files than one process: ${other}`);
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const inMebi = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

const memory = options.memory * 2 ** 30;
const machine = ['--runtime', 'ort-cpu', '--threads', '1', '--formula', 'sgd'];
const budget = (share: number): readonly string[] => ['--memory', String(Math.floor(memory / share))];

/** Two workers of one thread against one process. */
const overhead = async () => {
  const [train, queries] = shapes.overhead;
  const task = [...(await taskOf('overhead', shapes.overhead)), '--model', base];
  const argv = ['kernel', ...task, ...machine, ...budget(2)];
  const out = (name: string): readonly string[] => ['--out', join(folder, name)];
  const one = await run([[...argv, ...out('one')]]);
  const two = await run([[...argv, '--threads', '2', ...budget(1), ...out('two'), '--workers', '2']]);
  await run([[...argv, ...out('planned'), '--plan-units', '--workers', '2']]);
  const counted = workOf((await readUnits(join(folder, 'planned'))).units, 2);
  const more = two.cpu / one.cpu - 1;
  console.log(
    `${train} × ${queries}, two outputs: one process ${inSeconds(one.cpu)} of CPU in ${inSeconds(one.seconds)}, two workers ${inSeconds(two.cpu)} in ${inSeconds(two.seconds)}`,
  );
  console.log(
    `counted: ${percent(1 - counted.repeatedFlops / counted.flops)} useful, ${inMebi(counted.statesBytes)} of states`,
  );
  console.log(`overhead ${percent(more)}, target 5 %: ${verdict(more <= 0.05)}\n`);
  return { one, two, overhead: more, counted };
};

/** Units for eight workers, over as many processes as there are given. */
const shared = async (processes: number, task: readonly string[], whole: string | undefined) => {
  const out = join(folder, `shared-${processes}`);
  const argv = ['kernel', ...task, ...machine, ...budget(2), '--out', out];
  const planned = await run([[...argv, '--plan-units', '--workers', String(WORKERS)]]);
  const { units, given } = await readUnits(out);
  const { flops, repeatedFlops, statesBytes } = workOf(units, processes);
  const places = ['--units', out, '--model', model, ...(given.includes('data') ? task.slice(0, 2) : [])];
  const indices = Array.from({ length: processes }, (_, i) => `${i}/${processes}`);
  const work = await run(
    indices.map((index) => ['worker', ...places, '--index', index]),
    true,
  );
  const assembled = await run([['worker', ...places, '--assemble']]);
  await rm(join(out, 'units.json'), { force: true });
  if (whole !== undefined) await compare(out, whole);
  return {
    ...{ out, processes, units: units.length, teraflop: flops / 1e12, useful: 1 - repeatedFlops / flops },
    statesBytes,
    ...{ planned, work, assembled, assembly: assembled.cpu / (work.cpu + assembled.cpu) },
  };
};

/** Units of one kernel over 2, 4 and 8 processes. */
const allShared = async () => {
  const [train, queries] = shapes.shared;
  const task = [...(await taskOf('shared', shapes.shared)), '--binary', '--model', model];
  console.log(`${train} × ${queries}, one output, units for ${WORKERS} workers`);
  const widths = [10, -6, -8, -8, -10, -10, -10, -10, -12] as const;
  const header = [
    'processes',
    'units',
    'TFLOP',
    'useful',
    'states',
    'time',
    'CPU',
    'assembly',
    'peak memory',
  ];
  printRow(widths, header);
  const found: Awaited<ReturnType<typeof shared>>[] = [];
  for (const processes of [2, 4, 8]) {
    const one = await shared(processes, task, found[0]?.out);
    found.push(one);
    printRow(widths, [
      ...[String(processes), String(one.units), one.teraflop.toFixed(2), percent(one.useful)],
      ...[inMebi(one.statesBytes), inSeconds(one.work.seconds), inSeconds(one.work.cpu)],
      ...[percent(one.assembly), `${one.work.peakMebibytes.toFixed(0)} MiB`],
    ]);
  }
  const [useful, assembly] = [
    Math.min(...found.map((one) => one.useful)),
    Math.max(...found.map((one) => one.assembly)),
  ];
  console.log(`useful work of the count, target 90 %: ${verdict(useful >= 0.9)}`);
  console.log(`assembly of the time, target 2 %: ${verdict(assembly <= 0.02)}`);
  console.log('all of them left the same bytes');
  return found;
};

const parts = new Set(options.sections);
const found = {
  overhead: parts.has('overhead') ? await overhead() : undefined,
  shared: parts.has('shared') ? await allShared() : undefined,
};
writeFigures(json, { surroundings, separate, width, ...found });
