import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.js';
import type { Reproduction } from './reproduce.js';

it('goes on where a training diverges at every point of its grid, and says so', async () => {
  const root = await temporaryDirectory();
  const model = await tinyModel(join(root, 'tiny'));
  const out = join(root, 'out');
  const call = async (...more: readonly string[]) => {
    const { code, stdout, stderr } = await runCli([
      ...['reproduce', '--model', model, '--tasks', 'topic', '--shots', '1,2', '--seeds', '13', '--out', out],
      ...['--limit-test', '4', '--threads', '1', '--runtime', 'ort-cpu', '--quiet', '--no-dropout'],
      ...['--formula', 'sgd', '--steps', '2', '--trajectory', '1,2', '--early-steps', '1', '--probes', '2'],
      ...['--parts', 'tables,behaviour,linearization,distances,paired,chi', '--optimizer', 'sgd,adam,signgd'],
      ...['--sgd-lr', '1e30', ...more],
    ]);
    return { code, stdout, stderr };
  };
  const { code, stdout, stderr } = await call('--json');
  expect([code, JSON.parse(stderr.trim().split('\n').at(-1)!).code]).toEqual([1, 'DIVERGED_TRAININGS']);
  const { diverged, parts, cells }: Reproduction = JSON.parse(stdout);
  expect(cells.known).toBe(0);
  const reason = /topic, [12]-shot, seed 13, .*diverged at step \d: the .* NaN, expected a finite number/;
  expect(diverged.map((one) => one.replace(/: .*/, ''))).toEqual([
    'topic, 1-shot, seed 13, check of SGD and Adam',
    'topic, 1-shot, seed 13, SGD fine-tuning',
    'topic, 2-shot, seed 13, check of SGD and Adam',
    'topic, 2-shot, seed 13, SGD fine-tuning',
  ]);
  for (const one of diverged) expect(one).toMatch(reason);
  expect(JSON.stringify(parts)).not.toContain(root);
  const row = (part: keyof typeof parts, ...start: readonly unknown[]) => {
    const { columns, rows, notes } = parts[part]!.tables[part]!;
    const { cells: found } = rows.find((one) => start.every((cell, i) => one.cells[i] === cell))!;
    const named = Object.fromEntries(columns.map(({ header }, i) => [header, found[i]]));
    return { named, notes };
  };
  const { named, notes } = row('tables', 2, 'topic');
  expect(named).toMatchObject({
    'SGD fine-tuning': null,
    'Adam fine-tuning': expect.any(Number),
    'SGD kernel': expect.any(Number),
  });
  expect(notes!.filter((note) => note.startsWith('a dash marks work without a result: topic')).length).toBe(
    2,
  );
  expect(row('behaviour', 1, 'topic', 'SGD').named['kernel behaviour']).toBe(null);
  expect(row('behaviour', 1, 'topic', 'Adam').named['kernel behaviour']).toEqual(expect.any(String));
  expect(row('linearization', 2, 'topic', 'SGD').named['f_lin']).toBe(null);
  expect(row('distances', 2, 'topic', 'Adam').named['Frobenius']).toEqual(expect.any(Number));
  expect(row('chi', 1, 'topic').named['prompt']).toEqual(expect.any(Number));
  expect(row('paired', 1, 'topic').named['seeds with Adam ahead']).toMatch(/^[01] of 1$/);

  const again = await call();
  expect(again.code).toBe(1);
  expect(again.stderr).toMatch(reason);
  expect(again.stderr).toContain('nothing was left to compute');
  expect(again.stderr).toMatch(/4 pieces of work have a training that diverged.*--sgd-lr and --adam-lr/);
  expect(again.stdout).toContain('a dash marks work without a result: topic, 1-shot');

  // Each check has its findings in a place of its own, with a report that finds the kernels.
  for (const shots of [1, 2]) {
    const place = join(out, 'topic', `check-${shots}-13`);
    const { config, optimizers } = JSON.parse(await readFile(join(place, 'findings.json'), 'utf8'));
    expect([config.run.shots, optimizers.length]).toEqual([[shots], 1]);
    expect(existsSync(join(place, 'chi.svg'))).toBe(true);
    expect((await runCli(['report', place])).code).toBe(0);
    const page = await readFile(join(place, 'report.html'), 'utf8');
    expect(page.match(/data-name="heat-map"/g)).not.toBe(null);
    expect(await readFile(join(out, 'topic', 'report.html'), 'utf8')).toContain(`Check, ${shots}-shot</h`);
  }
});
