import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleProgram } from '../../../packages/ntk-lens/src/testing/bundle-program.js';
import { closeReaders } from './fuzz/fuzz.js';
import { fuzzPart } from './fuzz-part.js';
import { killPart } from './kill-part.js';
import type { Job, JobReport, Part } from './part.js';
import { printedTable } from './print-table.js';
import { statePart } from './state-part.js';
import { unitPart } from './unit-part.js';

const usage = `Usage: pnpm test:soak [--share X] [--seed N] [--only NAME]

Reads edited inputs by every parser, kills commands and goes on, and damages files that commands wrote.
Prints a table and ends with exit code 1 if anything broke (docs/reliability.md).

  --share X    does X of the whole, from above 0 to 100; default: 1
  --seed N     repeats the soak of that seed, from 0 to 4294967295; default: a random one, which is printed
  --only NAME  does the parts, parsers and commands whose names contain NAME
  --help       prints this
`;
const options = {
  share: { type: 'string', default: '1' },
  seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
  only: { type: 'string', default: '' },
  help: { type: 'boolean', default: false },
} as const;
const stop = (text: string, code: number): never => {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
};
const readArguments = () => {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return stop(`${(error as Error).message}\n\n${usage}`, 2);
  }
};
const values = readArguments();
if (values.help) stop(usage, 0);
const [share, seed] = [Number(values.share), Number(values.seed)];
if (!(share > 0 && share <= 100) || !Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
  stop(`Found --share ${values.share} and --seed ${values.seed}.\n\n${usage}`, 2);

const begin = performance.now();
const say = (text: string): void =>
  console.error(`[${((performance.now() - begin) / 1000).toFixed(0).padStart(5)} s] ${text}`);

const parent = await mkdtemp(join(tmpdir(), 'ntk-lens-soak-'));
// Everything that parsers and commands leave in temporary folders goes with this one.
process.env['TMPDIR'] = parent;
say(`seed ${seed}, share ${share}`);

const program = await bundleProgram(join(parent, 'program'));
const kills = await killPart(program, parent, share, seed);
const units = await unitPart(program, parent, share, seed);
const all = [statePart(program, parent, share, seed), units, kills, fuzzPart(share, seed)];
const wanted = (part: Part, job: Job) =>
  `${part.title} ${job.name}`.toLowerCase().includes(values.only.toLowerCase());

const queue = all.flatMap((part) =>
  part.jobs.filter((job) => wanted(part, job)).map((job) => ({ part, job })),
);
if (queue.length === 0) throw new Error(`Nothing is called “${values.only}”.`);
const reports = new Map<Part, JobReport[]>(all.map((part) => [part, []]));
const counts = new Map<Part, number>(all.map((part) => [part, 0]));
const progress = setInterval(
  () => say(all.map((part) => `${counts.get(part)!.toLocaleString('en')} ${part.unit}`).join(', ')),
  30_000,
);

const work = async (): Promise<void> => {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { part, job } = next;
    let report: JobReport;
    try {
      report = await job.run((count) => counts.set(part, counts.get(part)! + count));
    } catch (error) {
      const none = Array.from({ length: part.columns.length - 1 }, () => '?');
      report = { row: [job.name, ...none], faults: [`${job.name}: ${(error as Error).stack}`], counted: 0 };
    }
    reports.get(part)!.push(report);
    say(`${part.title}: ${report.row.join(' | ')}`);
    for (const fault of report.faults) say(`FAULT ${fault}`);
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, work));
clearInterval(progress);
closeReaders();
await kills.close();
await rm(parent, { recursive: true, force: true });

const faults: string[] = [];
for (const part of all) {
  const done = reports.get(part)!;
  if (done.length === 0) continue;
  console.log(
    `\n${printedTable({ title: part.title, columns: part.columns, rows: done.map(({ row }) => row) })}`,
  );
  const counted = done.reduce((sum, report) => sum + report.counted, 0);
  console.log(`${counted.toLocaleString('en')} ${part.unit}`);
  if (part.summary) console.log(part.summary());
  faults.push(...done.flatMap((report) => report.faults));
  if (values.only === '' && counted < part.least)
    faults.push(`${counted} ${part.unit}, expected ${part.least}`);
}
for (const fault of faults) console.log(`\nFAULT ${fault}`);
const repeat = `pnpm test:soak --share ${share} --seed ${seed}${values.only && ` --only '${values.only}'`}`;
console.log(`\n${faults.length} faults; ${repeat}`);
process.exitCode = faults.length > 0 ? 1 : 0;
