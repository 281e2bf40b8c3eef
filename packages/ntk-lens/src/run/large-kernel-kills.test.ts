import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isUnfinished } from '@ntk-lens/core';
import { loadKernel } from '@ntk-lens/lens';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, expect, it } from 'vitest';
import { bundleProgram } from '../testing/bundle-program.js';
import { comparableFiles } from '../testing/kills/compare-files.js';
import { MEMORY_OF_MADE, writeKernels } from '../testing/made-kernels.js';
import { type Finished, spawnProgram } from '../testing/spawn-program.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const dieInWrites = here('../testing/kills/die-in-writes.mjs');
const source = ['--import', 'tsx', '--conditions=@ntk-lens/source'];

let root: string;
beforeAll(async () => {
  root = await temporaryDirectory();
});

/** Where a process is killed: in the middle of a write, after so many bytes of files with such names. */
interface Death {
  readonly file: string;
  readonly bytes: number;
}

const dying = ({ file, bytes }: Death) => ({
  flags: ['--import', dieInWrites],
  env: { DIE_FILE: file, DIE_BYTES: String(bytes) },
});

/** Files that a killed process left under a name of their own. */
const wholeFiles = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => !isUnfinished(name));

it('a solution on the disk that is killed -9 in the middle of its files goes on to the same bytes', async () => {
  const [program, own] = [await bundleProgram(join(root, 'program')), join(root, 'solved')];
  await writeKernels(own);
  const argv = ['solve', own, '--memory', MEMORY_OF_MADE, '--ridge', '0.001,0.1', '--f0-scales', 'inf'];
  const solve = (death?: Death): Promise<Finished> =>
    spawnProgram(program, [...argv, '--json'], death && dying(death));
  expect(await solve()).toMatchObject({ code: 0 });
  const expected = await comparableFiles(own);
  for (const name of ['solve.json', 'report.html']) await rm(join(own, name));

  // The second and the fourth state of the iterations, and what says that the fourth is whole.
  const states = 'iterations-\\d+-\\d+\\.npy';
  for (const death of [
    { file: states, bytes: 60_000 },
    { file: 'iterations-\\d+\\.json', bytes: 700 },
    { file: 'solve\\.json', bytes: 300 },
  ]) {
    const { signal, stderr } = await solve(death);
    expect([death.file, signal, stderr.includes('"error"')]).toEqual([death.file, 'SIGKILL', false]);
    expect(existsSync(join(own, 'solve.json'))).toBe(false);
  }
  expect(await solve()).toMatchObject({ code: 0 });
  expect(await comparableFiles(own)).toEqual(expected);
}, 600_000);

it('a kernel that is killed -9 while it is stored goes on to the same bytes, and no half counts', async () => {
  const model = await tinyModel(join(root, 'tiny'));
  const [whole, killed] = [join(root, 'whole'), join(root, 'killed')];
  const store = (out: string, death?: Death): Promise<Finished> => {
    const { flags = [], env } = death ? dying(death) : {};
    return spawnProgram(here('../testing/store-kernel.ts'), [model, out], {
      flags: [...source, ...flags],
      env,
    });
  };
  expect(await store(whole)).toMatchObject({ code: 0 });
  const deaths: readonly (readonly [Death, readonly string[]])[] = [
    [{ file: 'tiles/.*\\.npy', bytes: 1000 }, []],
    [{ file: '/train\\.npy', bytes: 200 }, []],
    [{ file: '/test_labels\\.npy', bytes: 130 }, ['train.npy', 'dev.npy', 'test.npy']],
  ];
  for (const [death, there] of deaths) {
    expect(await store(killed, death)).toMatchObject({ signal: 'SIGKILL' });
    const left = await wholeFiles(killed);
    for (const name of ['train.npy', 'dev.npy', 'test.npy'])
      expect([death.file, name, left.includes(name)]).toEqual([death.file, name, there.includes(name)]);
    await expect(loadKernel(killed)).rejects.toMatchObject({ code: 'NO_KERNELS' });
  }
  // The manifest lists all files together, or none.
  const manifest = await readFile(join(killed, 'manifest.json'), 'utf8');
  expect(await store(killed, { file: 'manifest\\.json', bytes: 2 * manifest.length })).toMatchObject({
    signal: 'SIGKILL',
  });
  await expect(loadKernel(killed)).rejects.toMatchObject({ code: 'NO_KERNELS' });
  expect(await store(killed)).toMatchObject({ code: 0 });
  expect(await comparableFiles(killed)).toEqual(await comparableFiles(whole));
}, 300_000);
