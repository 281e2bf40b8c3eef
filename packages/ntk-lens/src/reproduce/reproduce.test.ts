import type * as fs from 'node:fs/promises';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Table } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import { findTask } from '@ntk-lens/tasks';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { partNames as allParts } from '../options/reproduce.js';
import { defaultRunConfig } from '../options/run-config.js';
import { runCli } from '../testing/run-cli.js';
import { resolveReproduce } from './config.js';
import { writePages } from './pages.js';
import type { Reproduction } from './reproduce.js';

const opened = vi.hoisted(() => ({ weights: 0 }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const actual = await importOriginal<typeof fs>();
  const open: typeof fs.open = (path, ...rest) => {
    if (String(path).endsWith('tiny/model.safetensors')) opened.weights++;
    return actual.open(path, ...rest);
  };
  return { ...actual, default: { ...actual, open }, open };
});

/** Three tasks where all configurations are asked for. */
const tasks = ['topic', ...sampled(['sentiment', 'entailment'], 1)];
let root: string;
let out: string;
let samples: readonly string[];
const steps = ['--steps', '2', '--trajectory', '1,2', '--early-steps', '1', '--probes', '2'];
const parts = 'behaviour,linearization,distances,chi';

const program = async (...[command, ...argv]: readonly string[]) => {
  const { code, stdout, stderr } = await runCli([command!, ...samples, ...argv, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
};
const bySgd = ['--formulas', 'sgd', '--optimizer', 'sgd'];
const reproduce = (...argv: readonly string[]): Promise<Reproduction> =>
  program(
    ...['reproduce', '--tasks', tasks.join(), ...steps, ...bySgd, '--out', out, '--parts', 'tables'],
    ...argv,
  );
const check = () => reproduce('--tasks', 'topic', '--parts', parts);

beforeAll(async () => {
  root = await temporaryDirectory();
  out = join(root, 'out');
  const model = await tinyModel(join(root, 'tiny'));
  samples = ['--model', model, '--shots', '2', '--seeds', '13,21', '--limit-test', '4'];
  samples = [...samples, '--threads', '1', '--quiet', '--runtime', 'ort-cpu'];
});

/** Cells of a row of a table by the headers of its columns. */
const rowOf = (table: Table, task: string, optimizer?: string): Readonly<Record<string, unknown>> => {
  const row = table.rows.find(
    ({ cells }) => cells[1] === task && (optimizer === undefined || cells[2] === optimizer),
  )!;
  return Object.fromEntries(table.columns.map(({ header }, i) => [header, row.cells[i]]));
};
const testsOf = (results: readonly { readonly test: { readonly accuracy: number } }[]) =>
  meanAndSd(results.map(({ test }) => test.accuracy));
interface Found {
  readonly condition: string;
  readonly subject?: string;
  readonly verdict: string;
}

describe('ntk-lens reproduce', () => {
  let first: Reproduction;
  let checked: Reproduction;

  it('opens the model once, and computes every kernel and training once', async () => {
    opened.weights = 0;
    first = await reproduce();
    expect(opened.weights).toBe(1);
    expect(first.cells).toEqual({ computed: 4 * tasks.length, known: 0 });
    const { cells } = await reproduce('--tasks', 'topic', '--parts', 'behaviour');
    expect(cells).toEqual({ computed: 1, known: 0 });
    const index = await readFile(join(out, 'index.md'), 'utf8');
    checked = await check();
    expect(checked.cells).toEqual({ computed: 0, known: 1 });
    // The first call told every part of which it had all cells, as the second does.
    expect(await readFile(join(out, 'index.md'), 'utf8')).toBe(index);
    expect(Object.keys(checked.parts).join()).toBe(parts);
    const files = await readdir(join(out, 'parts'));
    for (const name of ['tables', 'tables-median', 'behaviour', 'linearization', 'distances', 'chi'])
      for (const ending of ['md', 'csv', 'tex']) expect(files).toContain(`${name}.${ending}`);
    expect(files).toContain('linearization-2-sgd.svg');
    expect(await readFile(join(out, 'index.md'), 'utf8')).toContain('![chi-2](parts/chi-2.svg)');
  });

  it('leaves a page of all parts, and one of each task with its kernels and verdicts', async () => {
    const index = await readFile(join(out, 'report.html'), 'utf8');
    expect(index.length).toBeLessThan(2_000_000);
    expect(index).toContain('href="./topic/report.html"');
    // The call that checked had one task, so the table of the other call is that of this task.
    expect(index.match(/<caption>/g)).toHaveLength(6);
    expect(index).toContain('<table class="sortable">');
    const page = await readFile(join(out, 'topic', 'report.html'), 'utf8');
    expect(page.length).toBeLessThan(3_000_000);
    for (const title of ['Results', 'Check', 'Verdicts', 'Kernels', 'Spectrum', 'Provenance'])
      expect(page).toMatch(new RegExp(`<h\\d id="[^"]*">${title}</h`));
    expect(await readFile(join(out, tasks.at(-1)!, 'report.html'), 'utf8')).toContain('class="heat-map');
    expect((await runCli(['report', out])).stderr).toContain('"ntk-lens reproduce" writes');
  });

  it('runs nothing of a sentence, a label or a file name in its pages', async () => {
    const evil = '<script>alert(1)</script>';
    const data = join(root, 'k-shot');
    await mkdir(join(data, 'SST-2', '1-13'), { recursive: true });
    const rows = [0, 1].map((label) => `${evil} ${label}\t${label}`);
    for (const split of ['train', 'dev', 'test'])
      await writeFile(
        join(data, 'SST-2', '1-13', `${split}.tsv`),
        ['sentence\tlabel', ...rows, ''].join('\n'),
      );
    const model = join(root, '<img src=x onerror=alert(2)>');
    await symlink(join(root, 'tiny'), model);
    const place = join(root, 'evil & <b>');
    const argv = ['--tasks', 'SST-2', '--data', data, '--model', model, '--shots', '1', '--seeds', '13'];
    await program('reproduce', ...argv, ...bySgd, '--steps', '1', '--parts', 'tables', '--out', place);
    const pages = async () => {
      for (const file of ['report.html', join('SST-2', 'report.html')]) {
        const page = await readFile(join(place, file), 'utf8');
        expect(page).not.toContain(evil);
        expect(page).not.toContain('<img src=x');
        expect(page).toContain('&lt;img src=x');
      }
    };
    await pages();
    // Tasks of the registry have labels of their own: here they are others, in a table and in a kernel.
    const spec = { ...findTask('SST-2'), labels: [`bad ${evil}`, `good ${evil}`] };
    const run = { ...defaultRunConfig, task: 'SST-2', shots: [1], seeds: [13] };
    const { check, optimizers, spaces } = await resolveReproduce(
      { task: 'topic' },
      {},
      { parts: ['tables'] },
    );
    const table = {
      title: evil,
      columns: [{ header: evil }, { header: 'task' }],
      rows: [{ cells: [evil, 'SST-2'] }],
      notes: [evil],
    };
    const folder = join('SST-2', '1-13', 'kernel-sgd');
    const record = await readFile(join(place, 'SST-2', 'cells', '1-13-kernel-sgd.json'), 'utf8');
    await writePages({
      ...{ directory: place, model: { name: '<img src=x>', hash: '0' } },
      request: {
        config: { run, check, optimizers, spaces, parts: ['tables'] },
        tasks: [{ run, spec }],
        missing: [evil],
        model: evil,
      },
      told: [['tables', { tables: { tables: table }, figures: {} }]],
      kernels: [[folder, JSON.parse(record).result]],
    });
    await pages();
    const page = await readFile(join(place, 'SST-2', 'report.html'), 'utf8');
    expect(page).toContain('good &lt;script&gt;');
  });

  it('tells what run, finetune and check give one by one', async () => {
    const [, tuned] = ['run', 'finetune'].map((command) => join(root, command));
    for (const task of sampled(tasks, 1)) {
      const place = ['--out', join(root, 'run', task)];
      const { cells } = await program('run', '--task', task, '--formula', 'sgd', ...place);
      const row = rowOf(first.parts.tables!.tables['tables']!, task);
      const scores = cells.map((cell: { scores: object }) => cell.scores);
      expect(row['SGD kernel']).toEqual(testsOf(scores.map((one: { kernel: never }) => one.kernel)));
      expect(row['zero-shot']).toEqual(testsOf(scores.map((one: { zeroShot: never }) => one.zeroShot)));
    }
    const training = ['--optimizer', 'sgd', '--steps', '2', '--batch', '8', '--out', tuned!];
    const { samples: own } = await program('finetune', '--task', 'topic', ...training);
    const row = rowOf(first.parts.tables!.tables['tables']!, 'topic');
    expect(row['SGD fine-tuning']).toEqual(testsOf(own.map((sample: { tuned: never }) => sample.tuned)));
    const place = ['--optimizer', 'sgd', '--out', join(root, 'check')];
    const alone = await program('check', '--task', 'topic', ...steps, ...place);
    const behaviour = rowOf(checked.parts.behaviour!.tables['behaviour']!, 'topic', 'SGD');
    const verdictOf = (condition: string) =>
      alone.findings.find((one: Found) => one.condition === condition && one.subject?.startsWith('SGD'))
        .verdict;
    expect([behaviour['linear'], behaviour['fixed'], behaviour['solves']]).toEqual(
      ['linearization', 'fixed features', 'solves'].map(verdictOf),
    );
    const linear: number[] = alone.optimizers.map(
      ({ end }: { end: { linearized: number } }) => end.linearized,
    );
    const range = linear.map((value) => 100 * value).sort((a, b) => a - b);
    expect(rowOf(checked.parts.linearization!.tables['linearization']!, 'topic')['f_lin']).toContain(
      `[${range.map((value) => value.toFixed(1)).join(', ')}]`,
    );
    const frobenius = alone.optimizers.map(
      ({ features }: { features: { points: { change: { frobenius: number } }[] } }) =>
        features.points.at(-1)!.change.frobenius,
    );
    expect(rowOf(checked.parts.distances!.tables['distances']!, 'topic')['Frobenius']).toEqual(
      meanAndSd(frobenius),
    );
  });

  it('is told again without any kernel or training, and by single parts', async () => {
    const again = await reproduce();
    expect(again.cells).toEqual({ computed: 0, known: 4 * tasks.length });
    expect(again.parts).toEqual(first.parts);
    const checkedAgain = await check();
    expect(checkedAgain.cells).toEqual({ computed: 0, known: 1 });
    expect(checkedAgain.parts).toEqual(checked.parts);
    const one = await reproduce('--parts', 'chi', '--tasks', 'topic');
    expect(Object.keys(one.parts)).toEqual(['chi']);
  });

  it('shows what is finished, and says of the rest that it did not run', async () => {
    const other = tasks.at(-1)!;
    const shown = await reproduce('--parts', 'tables,behaviour,distances,chi,solvers', '--finished');
    expect(shown.cells.computed).toBe(0);
    const of = (name: 'tables' | 'behaviour' | 'distances' | 'chi' | 'solvers', task: string) =>
      rowOf(shown.parts[name]!.tables[name]!, task);
    expect(of('tables', other)).toEqual(rowOf(first.parts.tables!.tables['tables']!, other));
    expect(of('behaviour', 'topic')).toEqual(rowOf(checked.parts.behaviour!.tables['behaviour']!, 'topic'));
    for (const part of ['behaviour', 'distances', 'chi'] as const) {
      const [, , ...cells] = Object.entries(of(part, other));
      for (const [header, cell] of cells.filter(([name]) => name !== 'optimizer'))
        expect([header, cell]).toEqual([header, 'not run']);
    }
    expect(of('solvers', other)['lstsq']).toBe('not run');
    const more = await reproduce('--finished', '--seeds', '13,21,42');
    expect(rowOf(more.parts.tables!.tables['tables']!, 'topic')).toMatchObject({
      ...{ 'zero-shot': '2 of 3 run', 'SGD fine-tuning': '2 of 3 run', 'SGD kernel': '2 of 3 run' },
    });
    const every = ['--parts', allParts.join(), '--space', 'lora:r=1', '--seeds', '42'];
    for (const { tables } of Object.values((await reproduce('--finished', ...every)).parts))
      for (const { rows } of Object.values(tables)) {
        expect(rows.length).toBeGreaterThan(0);
        // A random head has no kernel, so a dash stands there.
        for (const { cells } of rows) expect(['not run', null]).toContain(cells.at(-1));
      }
  });

  it('goes on without tasks whose data are not there, where that is asked for, and names them', async () => {
    const place = join(root, 'left');
    const argv = ['reproduce', '--tasks', 'SST-2,topic', '--data', root, '--skip-missing', '--out', place];
    const { code, stdout, stderr } = await runCli([
      ...[...argv, ...samples, ...bySgd, ...steps, '--seeds', '13', '--parts', 'tables'],
    ]);
    expect(stderr).toMatch(/left out SST-2: .*\n/);
    expect(stderr).toMatch(/\d % of .* went into kernels, solvers, trainings and measurements/);
    expect([code, stdout]).toEqual([0, expect.stringContaining('topic')]);
    const page = await readFile(join(place, 'report.html'), 'utf8');
    expect(page).toContain('Left out, without data: SST-2.');
  });

  it('is planned before it is computed', async () => {
    const planned = join(root, 'planned');
    const plan = await program(
      ...['reproduce', '--tasks', 'sentiment', ...steps, '--out', planned, '--explain', '--formula', 'sgd'],
      ...['--parts', 'tables,behaviour,linearization,paired'],
    );
    const of = (what: string) => plan.cells.find((one: { what: string }) => one.what === what);
    expect(of('check of SGD')).toMatchObject({ toCompute: 1, known: 0, shots: 2 });
    expect(of('check of SGD').parts).toEqual(['behaviour', 'linearization']);
    expect(of('SignGD fine-tuning')).toMatchObject({ toCompute: 2, parts: ['paired'] });
    expect(of('SGD kernel')).toMatchObject({ toCompute: 0, byCheck: 2, known: 0, parts: ['tables'] });
    expect(plan.seconds).toBeGreaterThan(0);
    await expect(readdir(planned)).rejects.toThrow('ENOENT');
  });

  const more: Readonly<Record<string, () => Promise<void>>> = {
    'takes checks first and tables later, with the kernels of the checks, and tells the same': async () => {
      const later = ['reproduce', ...steps, ...bySgd, '--out', join(root, 'later'), '--tasks', 'topic'];
      const done: Reproduction = await program(...later, '--parts', `tables,${parts}`);
      const { tables: told, ...others } = done.parts;
      expect(others).toEqual(checked.parts);
      expect(rowOf(told!.tables['tables']!, 'topic')).toEqual(
        rowOf(first.parts.tables!.tables['tables']!, 'topic'),
      );
      const kernel = await readFile(join(root, 'later', 'topic', '2-13', 'kernel-sgd', 'metrics.json'));
      expect(JSON.parse(kernel.toString()).cells[0].reused).toBe(true);
    },
    'compares prompts, subspaces and solvers on kernels and trainings of the same directory': async () => {
      const asked = ['--parts', 'tables,prompts,subspaces,solvers', '--space', 'lora:r=1,intrinsic:8'];
      const argv = ['reproduce', ...steps, ...bySgd, '--out', join(root, 'others'), '--tasks', 'sentiment'];
      const done: Reproduction = await program(...argv, ...asked, '--seeds', '13');
      const rowsOf = (name: 'prompts' | 'subspaces' | 'solvers' | 'tables') =>
        done.parts[name]!.tables[name]!.rows.map(({ cells }) => cells);
      const [, , , , tuned, kernel] = rowsOf('tables')[0]!;
      expect(rowsOf('prompts')[0]).toEqual([2, 'sentiment', 'manual', tuned, kernel]);
      expect(rowsOf('prompts').map(([, , name]) => name)).toEqual([
        'manual',
        'minimal',
        'null',
        'misleading',
        'label words shuffled',
        'no prompt, linear probe',
        'no prompt, random head',
      ]);
      expect(rowsOf('prompts').at(-1)!.at(-1)).toBe(null);
      const [full, lora, intrinsic] = rowsOf('subspaces');
      expect(full!.slice(4, 6)).toEqual([tuned, kernel]);
      expect(intrinsic!.slice(2, 4)).toEqual(['intrinsic:8', 8]);
      for (const row of [lora!, intrinsic!]) expect(row[6]).toBeGreaterThan(0);
      expect(rowOf(done.parts.solvers!.tables['solvers']!, 'sentiment')['lstsq']).toBe(kernel);
    },
    'pairs Adam with SignGD, next to the kernels of both': async () => {
      const argv = ['reproduce', '--steps', '2', '--out', join(root, 'pairs'), '--tasks', 'sentiment'];
      const done: Reproduction = await program(...argv, '--parts', 'tables,paired');
      const paired = rowOf(done.parts.paired!.tables['paired']!, 'sentiment');
      const table = rowOf(done.parts.tables!.tables['tables']!, 'sentiment');
      expect(paired['Adam']).toEqual(table['Adam fine-tuning']);
      expect(paired['SignGD']).toEqual(table['SignGD fine-tuning']);
      const single = ['--formula', 'a-signgd', '--binary', '--solver', 'asym', '--out', join(root, 'a')];
      const { cells } = await program('run', '--task', 'sentiment', ...single);
      const kernels = cells.map((cell: { scores: { kernel: never } }) => cell.scores.kernel);
      expect(table['A-SignGD kernel']).toEqual(testsOf(kernels));
    },
  };
  it.each(sampled(Object.keys(more), 1))('%s', async (name) => more[name]!());

  it('refuses what it cannot do with what there is', async () => {
    const foreign = join(root, 'foreign');
    await mkdir(foreign);
    await writeFile(join(foreign, 'reproduction.json'), '{"format":"else"}');
    const other = join(root, 'other');
    await mkdir(other);
    await writeFile(
      join(other, 'reproduction.json'),
      '{"format":"ntk-lens-reproduction","version":1,"model":{"name":"gpt-9","hash":"00ff00ff00ff00ff"}}',
    );
    const newer = join(root, 'newer');
    await mkdir(newer);
    await writeFile(
      join(newer, 'reproduction.json'),
      '{"format":"ntk-lens-reproduction","version":9,"model":{"name":"tiny","hash":"00"}}',
    );
    const cases: readonly [readonly string[], RegExp][] = [
      [['--parts', 'tables,nonsense'], /one of tables, behaviour, linearization, distances, paired/],
      [['--tasks', 'sentiment,nonsense'], /"nonsense" is not known.*Known tasks: SST-2/],
      [['--tasks', 'SST-2,sentiment', '--data', root], /no data for SST-2\..*set --skip-missing to continue/],
      [['--data', 'own.csv'], /a file of one's own: .*own.csv/],
      [['--tasks', 'topic', '--out', out, '--finished', '--force'], /--finished shows what is there/],
      [['--tasks', 'sentiment', '--out', foreign], /that no reproduction wrote.*--force/],
      [['--tasks', 'sentiment', '--out', newer], /of the format's version 9.*expected version 1/],
      [['--tasks', 'SST-2,mr', '--data', root, '--skip-missing'], /No task is left/],
      [['--tasks', 'sentiment,sentiment'], /names sentiment twice/],
      [['--tasks', 'sentiment', '--out', other], /with the model gpt-9 \(00ff00ff00ff….*expected one with/],
      [['--tasks', 'topic', '--out', out, '--sgd-lr', '0.5', '--steps', '9'], /steps.*2.*9|training/],
    ];
    for (const [argv, message] of cases) {
      const { code, stderr } = await runCli([
        'reproduce',
        ...samples,
        ...bySgd,
        '--parts',
        'tables',
        ...argv,
      ]);
      expect(stderr).toMatch(message);
      expect(code).toBe(2);
    }
  });
});
