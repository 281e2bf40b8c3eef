import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LadderCheck } from '@ntk-lens/tensor-programs';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.js';
import type { Reproduction } from './reproduce.js';

let out: string;
let models: readonly string[];
const sample = ['--shots', '2', '--limit-test', '4', '--runtime', 'ort-cpu', '--threads', '1', '--quiet'];

beforeAll(async () => {
  const root = await temporaryDirectory();
  out = join(root, 'out');
  models = await Promise.all([8, 12, 16].map((width) => tinyModel(join(root, `width-${width}`), width)));
});

const program = async (...argv: readonly string[]) => {
  const { code, stdout, stderr } = await runCli([...argv, ...sample, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
};
const reproduce = (...more: readonly string[]): Promise<Reproduction> =>
  program(
    ...['reproduce', '--model', models[0]!, '--tasks', 'topic', '--seeds', '13', '--parts', 'chi'],
    ...['--optimizer', 'sgd', '--formula', 'sgd', '--steps', '1', '--out', out, ...more],
  );

describe('χ against width', () => {
  it('has the numbers of check --ladder, whose measurements are shared', async () => {
    const place = join(out, 'topic', 'ladder-2');
    const check = ['check', '--ladder', ...models, '--task', 'topic', '--seed', '13', '--out', place];
    const checked: LadderCheck = await program(...check);
    const kept = join(place, 'measurements');
    const timesOf = async () =>
      Promise.all((await readdir(kept)).map(async (name) => (await stat(join(kept, name))).mtimeMs));
    const before = await timesOf();
    const { cells, parts } = await reproduce('--ladder', ...models);
    expect(await timesOf()).toEqual(before);
    expect(cells).toEqual({ computed: 2, known: 0 });
    const table = parts.chi!.tables['chi-width']!;
    expect(table.rows.map((row) => row.cells)).toEqual(
      checked.rungs.map(({ width, chi }) => [2, 'topic', width, 1, chi]),
    );
    const { slope } = checked.exponents.chi!;
    const [natural] = checked.findings;
    expect(table.notes![0]).toContain(`width^${slope.toFixed(2).replace('-', '−')} `);
    expect(table.notes![0]).toContain(`natural task: ${natural!.verdict}; ${natural!.note}`);
    expect(await readFile(join(out, 'parts', 'chi-width-2.svg'), 'utf8')).toContain('against width');
    for (const file of ['chi-width.md', 'chi-width.csv', 'chi-width.tex'])
      expect(await readFile(join(out, 'parts', file), 'utf8')).toContain('topic');
    for (const page of [join('topic', 'report.html'), 'report.html'])
      expect(await readFile(join(out, page), 'utf8')).toContain('against width');
    expect((await reproduce('--ladder', ...models)).cells).toEqual({ computed: 0, known: 2 });

    // What is measured here is what `check --ladder` finds.
    await rm(kept, { recursive: true });
    await reproduce('--ladder', ...models, '--force');
    const again: LadderCheck = await program(...check);
    expect(again).toEqual(checked);
  });

  it('is measured anew with other models', async () => {
    const turned = [...models].reverse();
    expect((await reproduce('--ladder', ...turned)).cells).toEqual({ computed: 0, known: 2 });
    const { cells, parts } = await reproduce('--ladder', ...models.slice(1));
    expect(cells).toEqual({ computed: 1, known: 1 });
    expect(parts.chi!.tables['chi-width']!.rows).toHaveLength(2);
    expect(parts.chi!.tables['chi-width']!.notes![0]).toContain('no exponent; natural task: cannot tell');
  });

  it('says how to give models where there are none', async () => {
    const { parts } = await reproduce();
    expect(Object.keys(parts.chi!.tables)).toEqual(['chi']);
    expect(parts.chi!.tables['chi']!.notes!.at(-1)).toContain('--ladder DIR');
  });

  it('refuses directories without models, before any work', async () => {
    const argv = ['reproduce', '--model', models[0]!, '--tasks', 'topic', '--parts', 'chi', '--out', out];
    const { code, stderr } = await runCli([...argv, ...sample, '--ladder', join(out, 'parts')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('no models in it')]);
  });
});
