import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { expect, it } from 'vitest';
import type { Experiment } from '../run/experiment.js';
import { bundleProgram } from '../testing/bundle-program.js';
import { spawnProgram } from '../testing/spawn-program.js';

it('a run over seeds, formulas and heads that was killed goes on without computing finished cells again', async () => {
  const parent = await temporaryDirectory();
  const program = await bundleProgram(join(parent, 'program'));
  const model = await tinyModel(join(parent, 'model'));
  const out = join(parent, 'out');
  const argv = [
    ...['run', '--model', model, '--seeds', '13,21', '--shots', '3', '--limit-test', '10', '--no-prompt'],
    ...['--formula', 'sgd,a-signgd', '--binary', '--runtime', 'ort-cpu', '--threads', '1', '--out', out],
  ];
  // Killed in the middle of a later cell: before it, cells of a seed with and without a prompt are finished.
  const killed = await spawnProgram(program, [...argv, '--json'], {
    onStderr: (text, child) => {
      if (text.includes('3-21-a-signgd kernel')) child.kill('SIGKILL');
    },
  });
  expect(killed.signal).toBe('SIGKILL');
  expect(await readdir(out)).not.toContain('metrics.json');
  const finished: string[] = [];
  for (const name of await readdir(out)) {
    const manifest = join(out, name, 'manifest.json');
    const files = await readFile(manifest, 'utf8').then(
      (text) => JSON.parse(text).files,
      () => ({}),
    );
    if ('test.npy' in files) finished.push(name);
  }
  expect(finished).toEqual(
    expect.arrayContaining(['3-13-a-signgd', '3-13-a-signgd-no-prompt', '3-13-sgd', '3-13-sgd-no-prompt']),
  );
  expect(finished.length).toBeLessThan(8);
  const times = () =>
    Promise.all(finished.map(async (name) => (await stat(join(out, name, 'test.npy'))).mtimeMs));
  const before = await times();

  const resumed = await spawnProgram(program, [...argv, '--json']);
  expect(resumed.code).toBe(0);
  const { cells } = JSON.parse(resumed.stdout) as Experiment;
  expect(cells).toHaveLength(8);
  expect(await times()).toEqual(before);
  const reused = cells.filter((cell) => cell.reused).map(({ directory }) => directory.slice(out.length + 1));
  expect(reused.sort()).toEqual(finished.sort());
  expect(cells.filter(({ scores }) => scores === undefined)).toEqual([]);

  const table = await readFile(join(out, 'table.csv'), 'utf8');
  for (const method of ['majority', 'zero-shot', 'SGD kernel (lstsq)', 'A-SignGD kernel (lstsq)']) {
    expect(table).toContain(`\n${method},`);
  }
  expect(table).toContain('"linear probe, no prompt"');
  expect(await readFile(join(out, 'table.md'), 'utf8')).toMatch(/SGD kernel, no prompt.* ± /);
  expect(await readFile(join(out, 'table.tex'), 'utf8')).toContain('\\toprule');

  // Everything is there: nothing is computed, and the table is printed as asked. "solve" takes the whole directory.
  const again = await spawnProgram(program, [...argv, '--quiet', '--table', 'csv']);
  expect([again.code, again.stdout.split('\n')[0]]).toEqual([0, table.split('\n')[0]]);
  const solved = await spawnProgram(program, ['solve', out, '--quiet', '--json', '--solver', 'auto']);
  expect(JSON.parse(solved.stdout)).toHaveLength(8);
}, 120_000);
