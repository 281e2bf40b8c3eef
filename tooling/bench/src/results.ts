/**
 * The protocol's table on real tasks: SST-2, MR, CR and Subj, seeds 13, 21, 42, 87, 100, 16 and 64 shots, SGD
 * kernel of the embedded model, one output (binary).
 *
 * pnpm --filter @ntk-lens/bench results [--data DIR] [--out DIR] [--table-only]
 *
 * `--data` holds k-shot samples as LM-BFF writes them (default: ../shared/data/k-shot-1k-test next to the
 * repository), `--out` gets one run directory a task (default: runs/results). An interrupted run goes on
 * where it stopped when it is started again. At the end, and with `--table-only` at once, the table between
 * the markers of docs/results.md is written anew from the `metrics.json` of the tasks that are finished; rows
 * of others are kept.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { meanAndSd } from '@ntk-lens/solvers';
import type { Experiment } from 'ntk-lens';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '../shared/data/k-shot-1k-test') },
    out: { type: 'string', default: join(root, 'runs/results') },
    page: { type: 'string', default: join(root, 'docs/results.md') },
    'table-only': { type: 'boolean', default: false },
  },
});
const tasks = ['SST-2', 'MR', 'CR', 'Subj'];
const options = ['--seeds', '13,21,42,87,100', '--shots', '16,64', '--formula', 'sgd', '--binary'];

const run = (task: string): Promise<void> =>
  new Promise((done, fail) => {
    const bin = join(root, 'packages/ntk-lens/src/bin.ts');
    const argv = ['run', '--task', task, '--data', resolve(values.data), ...options];
    const child = spawn(
      process.execPath,
      [
        '--conditions=@ntk-lens/source',
        '--import',
        'tsx',
        bin,
        ...argv,
        '--out',
        join(resolve(values.out), task),
      ],
      { stdio: 'inherit', cwd: root },
    );
    child.on('error', fail);
    child.on('exit', (code) =>
      code === 0 ? done() : fail(new Error(`${task}: exit code ${code}; start again to go on`)),
    );
  });

const experimentOf = async (task: string): Promise<Experiment | undefined> => {
  const file = join(resolve(values.out), task, 'metrics.json');
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

const [begin, end] = ['<!-- k-shot table -->', '<!-- end of k-shot table -->'];

/** Rows of finished tasks are written anew; those of others stay as they are. */
const writeTable = async (): Promise<void> => {
  const page = await readFile(values.page, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${values.page} has no line "${begin}" before "${end}"`);
  const present = page.slice(from, to).split('\n');
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
  const table = [...heading, ...rows].join('\n');
  const note = missing.length === 0 ? '' : `\n\nNot run yet: ${missing.join(', ')}; the command above does.`;
  await writeFile(
    values.page,
    `${page.slice(0, from + begin.length)}\n\n${table}${note}\n\n${page.slice(to)}`,
  );
  process.stdout.write(`${table}${note}\n`);
};

if (!values['table-only']) for (const task of tasks) await run(task);
await writeTable();
