/**
 * The protocol's table on real tasks: SST-2, MR, CR and Subj, seeds 13, 21, 42, 87, 100, 16 and 64 shots, SGD
 * kernel of the embedded model, one output (binary).
 *
 *     pnpm --filter @ntk-lens/bench results [--data DIR] [--out DIR] [--table-only]
 *
 * `--data` holds k-shot samples as LM-BFF writes them (default: ../shared/data/k-shot-1k-test beside the
 * repository), `--out` gets one run directory a task (default: runs/results). An interrupted run goes on where it
 * stopped when it is started again. At the end, and with `--table-only` at once, the table between the markers of
 * docs/results.md is written anew from the `metrics.json` of the tasks that are finished.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
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

/** `85.3 ± 1.2`, percent, ddof 0. */
const percent = (list: readonly number[]): string => {
  const mean = list.reduce((sum, x) => sum + x, 0) / list.length;
  const sd = Math.sqrt(list.reduce((sum, x) => sum + (x - mean) ** 2, 0) / list.length);
  return `${(100 * mean).toFixed(1)} ± ${(100 * sd).toFixed(1)}`;
};

const rowsOf = (task: string, experiment: Experiment | undefined): string[] => {
  if (experiment === undefined) return [`| ${task} | | not finished | | | |`];
  return experiment.config.shots.map((shots) => {
    const scores = experiment.cells.flatMap((cell) => (cell.shots === shots ? (cell.scores ?? []) : []));
    const of = (method: 'majority' | 'zeroShot' | 'kernel', split: 'dev' | 'test') =>
      percent(scores.flatMap((each) => each[method]?.[split].accuracy ?? []));
    const cells = [of('majority', 'test'), of('zeroShot', 'test'), of('kernel', 'dev'), of('kernel', 'test')];
    return `| ${task} | ${shots} | ${cells.join(' | ')} |`;
  });
};

const [begin, end] = ['<!-- k-shot table -->', '<!-- end of k-shot table -->'];

const writeTable = async (): Promise<void> => {
  const rows: string[] = [];
  for (const task of tasks) rows.push(...rowsOf(task, await experimentOf(task)));
  const table = [
    '| task | shots | majority | zero-shot | SGD kernel, dev | SGD kernel, test |',
    '| :--- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
  const page = await readFile(values.page, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${values.page} has no line "${begin}" before "${end}"`);
  await mkdir(dirname(values.page), { recursive: true });
  await writeFile(values.page, `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`);
  process.stdout.write(`${table}\n`);
};

if (!values['table-only']) for (const task of tasks) await run(task);
await writeTable();
