import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { meanAndSd } from '@ntk-lens/solvers';
import type { Experiment } from 'ntk-lens';
import { optionsOf } from './front/options-of.js';
import { printHeading } from './measure/heading.js';
import { runProgram } from './results/run-program.js';
import { writeTable } from './results/write-table.js';

const options = optionsOf('results');
const tasks = ['SST-2', 'MR', 'CR', 'Subj'];
const kernels = ['--seeds', '13,21,42,87,100', '--shots', '16,64', '--formula', 'sgd', '--binary'];

const folderOf = (task: string): string => join(options.out, task);

const experimentOf = async (task: string): Promise<Experiment | undefined> => {
  const file = join(folderOf(task), 'metrics.json');
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Experiment) : undefined;
};

/** `85.3 ± 1.2`, percent, ddof 0; `50.9` where all seeds agree. */
const percent = (list: readonly number[]): string => {
  const { mean, sd } = meanAndSd(list);
  return sd === 0 ? (100 * mean).toFixed(1) : `${(100 * mean).toFixed(1)} ± ${(100 * sd).toFixed(1)}`;
};

const rowsOf = (task: string, { config, cells }: Experiment): string[] =>
  config.shots.map((shots) => {
    const scores = cells.flatMap((cell) => (cell.shots === shots ? (cell.scores ?? []) : []));
    const of = (method: 'majority' | 'zeroShot' | 'kernel') =>
      percent(scores.flatMap((each) => each[method]?.test.accuracy ?? []));
    return `| ${task} | ${shots} | ${of('majority')} | ${of('zeroShot')} | ${of('kernel')} |`;
  });

/** Rows of finished tasks are written anew; those of others stay as they are. */
const tableOf = async (present: readonly string[]): Promise<string> => {
  const rows: string[] = [];
  const missing: string[] = [];
  for (const task of tasks) {
    const experiment = await experimentOf(task);
    const own = experiment
      ? rowsOf(task, experiment)
      : present.filter((line) => line.startsWith(`| ${task} `));
    if (own.length === 0) missing.push(task);
    rows.push(...own);
  }
  const heading = [
    '| task | shots | majority | zero-shot | SGD kernel |',
    '| :--- | ---: | ---: | ---: | ---: |',
  ];
  const note = missing.length === 0 ? '' : `\n\nNot run yet: ${missing.join(', ')}; the command above does.`;
  return `${[...heading, ...rows].join('\n')}${note}`;
};

await printHeading({ runtime: 'auto' });
if (!options['table-only'])
  for (const task of tasks)
    await runProgram(['run', '--task', task, '--data', options.data, ...kernels, '--out', folderOf(task)]);
await writeTable(options.page, 'k-shot table', tableOf);
