import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Experiment, FineTuneExperiment } from 'ntk-lens';
import { optionsOf } from './front/options-of.js';
import { printHeading } from './measure/heading.js';
import { runProgram } from './results/run-program.js';
import { writeTable } from './results/write-table.js';

const values = optionsOf('results-spaces');

/** Spaces with the learning rate of Adam. */
const spaces = [
  ['full', '5e-5'],
  ['lora:r=8', '2e-3'],
  ['prefix:20', '1e-2'],
  ['bitfit', '1e-3'],
  ['intrinsic:1000', '2e-3'],
] as const;
const tasks = [
  { name: 'sentiment', options: [] },
  { name: 'SST-2', options: ['--data', values.data] },
] as const;
const training = ['--optimizer', 'adam', '--batch', '8', '--steps', '32', '--evaluate-every', '8'];

const directoryOf = (task: string, what: string): string => join(values.out, task, what.replace(':', '-'));

const compute = async (): Promise<void> => {
  for (const { name, options } of tasks) {
    const common = ['--task', name, ...options, '--seeds', values.seeds.join(','), '--limit-test', '200'];
    for (const [space, rate] of spaces) {
      const own = ['--space', space, '--lr', rate, ...training, '--out', directoryOf(name, space)];
      await runProgram(['finetune', ...common, ...own]);
    }
    const all = spaces.map(([space]) => space).join(',');
    await runProgram(['run', ...common, '--space', all, '--binary', '--out', directoryOf(name, 'kernels')]);
  }
};

const metricsOf = async <T>(directory: string): Promise<T | undefined> => {
  const file = join(directory, 'metrics.json');
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as T) : undefined;
};

/** `85.3 ± 1.2`, ddof 0; with fewer seeds than asked for their number; nothing for no numbers. */
const spread = (list: readonly number[], factor = 100, digits = 1): string => {
  if (list.length === 0) return '–';
  const mean = list.reduce((sum, x) => sum + x, 0) / list.length;
  if (list.length === 1) return `${(factor * mean).toFixed(digits)} (1 seed)`;
  const sd = Math.sqrt(list.reduce((sum, x) => sum + (x - mean) ** 2, 0) / list.length);
  return `${(factor * mean).toFixed(digits)} ± ${(factor * sd).toFixed(digits)}`;
};

const rowsOf = async (task: string): Promise<string[]> => {
  const kernels = await metricsOf<Experiment>(directoryOf(task, 'kernels'));
  const rows: string[] = [];
  for (const [name] of spaces) {
    const tuned = await metricsOf<FineTuneExperiment>(directoryOf(task, name));
    const cells = kernels?.cells.filter(({ space }) => (space?.name ?? 'full') === name) ?? [];
    const k = tuned?.samples[0]?.dimension ?? cells[0]?.space?.dimension;
    const columns = [
      task,
      name,
      k?.toLocaleString('en') ?? '–',
      spread(tuned?.samples.map(({ tuned: { test } }) => test.accuracy!) ?? []),
      spread(cells.flatMap(({ scores }) => scores?.kernel.test.accuracy ?? [])),
      spread(
        cells.flatMap(({ distance }) => distance?.relative ?? []),
        1,
        3,
      ),
    ];
    // A run that has not been made yet has no row.
    if (tuned || cells.length > 0) rows.push(`| ${columns.join(' | ')} |`);
  }
  const zeroShot = kernels?.cells.flatMap(({ scores, space }) =>
    space ? [] : (scores?.zeroShot?.test.accuracy ?? []),
  );
  if (zeroShot) rows.push(`| ${task} | zero-shot | 0 | ${spread(zeroShot)} | – | – |`);
  return rows;
};

const tableOf = async (): Promise<string> => {
  const rows: string[] = [];
  for (const { name } of tasks) rows.push(...(await rowsOf(name)));
  return [
    '| task | space | k | fine-tuning | SGD kernel | distance from the full kernel |',
    '| :--- | :--- | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
};

await printHeading({ runtime: 'auto' });
if (!values['table-only']) await compute();
await writeTable(values.page, 'spaces table', await tableOf());
