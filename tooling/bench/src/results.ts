import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { optionsOf } from './front/options-of.js';
import { printHeading } from './measure/heading.js';
import { runProgram } from './results/run-program.js';
import { writeTable } from './results/write-table.js';

const options = optionsOf('results');

const checked = ['mpqa', 'cr', 'SST-2', 'subj'];
/** Those whose kernels take least come first. */
const tasks = [
  ...[...checked, 'CoLA', 'STS-B', 'mr', 'MRPC', 'QNLI', 'RTE', 'QQP', 'SNLI', 'MNLI', 'ag_news'],
  ...['sst-5', 'trec'],
];
const samples = ['--data', options.data, '--skip-missing', '--shots', '16', '--limit-test', '200'];
const training = ['--formulas', 'sgd', '--optimizer', 'sgd', '--sgd-lr', '5e-3', '--steps', '20'];
const settings = [...samples, ...training, '--trajectory', '1,20', '--probes', '16', '--out', options.out];

const seeds = { behaviour: '13,21', tables: '13,21,42,87,100' } as const;
/** The rows of the tables. The conditions of a check are of classification, and STS-B is a regression. */
const rows = { behaviour: tasks.filter((task) => task !== 'STS-B'), tables: tasks } as const;

const reproduce = (part: keyof typeof seeds, of: readonly string[], ...argv: string[]): Promise<void> =>
  runProgram([
    ...['reproduce', '--parts', part, '--seeds', seeds[part], '--tasks', of.join()],
    ...[...settings, ...argv],
  ]);

await printHeading({ runtime: 'auto' });
if (!options['table-only']) {
  await reproduce('behaviour', checked);
  await reproduce('tables', tasks);
}
for (const part of ['behaviour', 'tables'] as const) {
  await reproduce(part, rows[part], '--finished');
  const table = await readFile(join(options.out, 'parts', `${part}.md`), 'utf8');
  await writeTable(options.page, `${part} table`, table);
}
