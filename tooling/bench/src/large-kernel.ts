import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mt19937 } from '@ntk-lens/core';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { optionsOf } from './front/options-of.js';
import { printHeading } from './measure/heading.js';
import { inGigabytes, inSeconds, verdict } from './measure/print.js';
import { scratchFolder, writeFigures } from './measure/resources.js';
import { type ProgramRun, runProgram } from './measure/run-program.js';

const options = optionsOf('large-kernel');
const count = options.quick ? 600 : options.examples;
/** Peak memory of assembly, of the solution and of the report. */
const TARGET_BYTES = 1.5e9;

const words = {
  positive: ['good', 'great', 'warm', 'funny', 'happy', 'best'],
  negative: ['bad', 'poor', 'cold', 'sad', 'wrong', 'worst'],
  neutral: ['the', 'film', 'story', 'and', 'it', 'was', 'a', 'time', 'of', 'that', 'man', 'all', 'most'],
};
const random = new Mt19937(options.seed);
const draw = (list: readonly string[]): string => list[random.interval(list.length - 1)]!;

/** Sentences of eight to eleven words, of which one says the label. */
const table = (n: number): string => {
  const rows = Array.from({ length: n }, (_, i) => {
    const label = i % 2;
    const text = Array.from({ length: 8 + random.interval(3) }, () => draw(words.neutral));
    text[random.interval(text.length - 1)] = draw(label === 1 ? words.positive : words.negative);
    return `${text.join(' ')}\t${label}`;
  });
  return `sentence\tlabel\n${rows.join('\n')}\n`;
};

const surroundings = await printHeading(options);
const scratch = options.folder ?? scratchFolder();
const [data, model, out] = ['data', 'model', 'kernels'].map((name) => join(scratch, name)) as [
  string,
  string,
  string,
];
rmSync(out, { recursive: true, force: true });
await tinyModel(model, 32);
mkdirSync(data, { recursive: true });
for (const [name, n] of [
  ['train', count],
  ['dev', options.queries],
  ['test', options.queries],
] as const)
  writeFileSync(join(data, `${name}.tsv`), table(n));

const places = ['--model', model, '--data', data];
const kernel = ['--task', 'SST-2', '--shots', String(count / 2), '--binary', ...places];
const threads = ['--threads', String(options.threads)];
const memory = ['--memory', `${options.memory}GiB`];
const grid = ['--ridge', options.ridge.join(','), '--f0-scales', 'inf'];
const runs: Record<string, ProgramRun> = {};
const run = async (name: string, ...argv: string[]): Promise<void> => {
  runs[name] = await runProgram(argv, scratch);
  const { seconds, cpu, peakMebibytes } = runs[name];
  console.log(
    `${name}: ${inSeconds(seconds)} (${inSeconds(cpu)} of CPU), peak memory ${inGigabytes(peakMebibytes)}`,
  );
};

await run('plan', 'kernel', ...kernel, ...threads, ...memory, '--out', out, '--plan-units', '--workers', '1');
await run('tiles', 'worker', '--units', out, '--index', '0/1', ...places);
await run('assembly', 'worker', '--units', out, '--assemble', ...places);
await run('solution and report', 'solve', out, ...memory, ...grid);
await run('report', 'report', out, ...memory);

const bytes = statSync(join(out, 'train.npy')).size;
const { scores } = JSON.parse(readFileSync(join(out, 'solve.json'), 'utf8')) as {
  readonly scores: {
    readonly kernel: { readonly chosen: object; readonly test: { readonly accuracy: number } };
  };
};
const peak = Math.max(
  ...['assembly', 'solution and report', 'report'].map((name) => runs[name]!.peakMebibytes),
);
console.log(
  `train.npy has ${inGigabytes(bytes / 2 ** 20)}; chosen ${JSON.stringify(scores.kernel.chosen)}, test accuracy ${scores.kernel.test.accuracy.toFixed(3)}`,
);
console.log(
  `peak memory of assembly, solution and report ${inGigabytes(peak)}, target 1.50 GB: ${verdict(peak * 2 ** 20 <= TARGET_BYTES)}`,
);
writeFigures(options.json, { surroundings, examples: count, queries: options.queries, bytes, runs, scores });
