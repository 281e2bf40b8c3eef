/**
 * Fine-tuning against kernels in five parameter spaces, on `sentiment` (embedded) and SST-2, 16-shot,
 * embedded model.
 *
 * pnpm --filter @ntk-lens/bench results-spaces [--data DIR] [--out DIR] [--seeds 13,21,42] [--table-only]
 *
 * `--data` holds k-shot samples as LM-BFF writes them (default: ../shared/data/k-shot next to the
 * repository), `--out` gets a directory a task (default: runs/results-spaces). Finished runs are kept: an
 * interrupted run goes on where it stopped, and more seeds can be added. At the end, and with `--table-only`
 * at once, the table between the markers of docs/results.md is written anew from what is finished.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Experiment, FineTuneExperiment } from 'ntk-lens';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '../shared/data/k-shot') },
    out: { type: 'string', default: join(root, 'runs/results-spaces') },
    page: { type: 'string', default: join(root, 'docs/results.md') },
    seeds: { type: 'string', default: '13,21,42' },
    'table-only': { type: 'boolean', default: false },
  },
});

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
  { name: 'SST-2', options: ['--data', resolve(values.data)] },
] as const;
const training = ['--optimizer', 'adam', '--batch', '8', '--steps', '32', '--evaluate-every', '8'];

const directoryOf = (task: string, what: string): string =>
  join(resolve(values.out), task, what.replace(':', '-'));

const program = (argv: readonly string[]): Promise<void> =>
  new Promise((done, fail) => {
    const bin = join(root, 'packages/ntk-lens/src/bin.ts');
    const flags = ['--conditions=@ntk-lens/source', '--import', 'tsx', bin];
    const child = spawn(process.execPath, [...flags, ...argv], { stdio: 'inherit', cwd: root });
    child.on('error', fail);
    child.on('exit', (code) =>
      code === 0 ? done() : fail(new Error(`${argv.join(' ')}: exit code ${code}; start again to go on`)),
    );
  });

const compute = async (): Promise<void> => {
  for (const { name, options } of tasks) {
    const common = ['--task', name, ...options, '--seeds', values.seeds, '--limit-test', '200'];
    for (const [space, rate] of spaces) {
      const own = ['--space', space, '--lr', rate, ...training, '--out', directoryOf(name, space)];
      await program(['finetune', ...common, ...own]);
    }
    const all = spaces.map(([space]) => space).join(',');
    await program(['run', ...common, '--space', all, '--binary', '--out', directoryOf(name, 'kernels')]);
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

const [begin, end] = ['<!-- spaces table -->', '<!-- end of spaces table -->'];

const writeTable = async (): Promise<void> => {
  const rows: string[] = [];
  for (const { name } of tasks) rows.push(...(await rowsOf(name)));
  const table = [
    '| task | space | k | fine-tuning | SGD kernel | distance from the full kernel |',
    '| :--- | :--- | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
  const page = await readFile(values.page, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${values.page} has no line "${begin}" before "${end}"`);
  await writeFile(values.page, `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`);
  process.stdout.write(`${table}\n`);
};

if (!values['table-only']) await compute();
await writeTable();
