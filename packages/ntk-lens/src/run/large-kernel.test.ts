import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy, ndarray, npyHeader, writeWhole } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { beforeAll, expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.js';

const [N, M] = [4300, 60];
/** Twice the arrays of the kernels exceed it, and the vectors of a solver fit. */
const MEMORY = '285MiB';
const GRID = ['--ridge', '0.001,0.1', '--f0-scales', 'inf'];
const FEATURES = 7;

const noise = (seed: number): number => {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return x - Math.floor(x) - 0.5;
};
const labelOf = (i: number): number => i % 2;
const features = (split: number, i: number): Float64Array =>
  Float64Array.from({ length: FEATURES }, (_, k) =>
    k === 0 ? labelOf(i) - 0.5 + 0.3 * noise(i + split) : noise(split * 1e5 + i * 31 + k) / (1 + k),
  );

/** Kernels of features, as another program leaves them. */
const writeKernels = async (directory: string): Promise<void> => {
  const rows = Array.from({ length: N }, (_, i) => features(0, i));
  for (const [split, name, m] of [
    [0, 'train', N],
    [1, 'dev', M],
    [2, 'test', M],
  ] as const) {
    const columns = split === 0 ? rows : Array.from({ length: m }, (_, j) => features(split, j));
    await writeWhole(join(directory, `${name}.npy`), async (append) => {
      await append(npyHeader('float64', [N, 1, m, 1]));
      for (const [i, row] of rows.entries()) {
        const values = new Float64Array(m);
        for (let j = 0; j < m; j++)
          for (let k = 0; k < FEATURES; k++) values[j]! += row[k]! * columns[j]![k]!;
        // A spectrum without an end: iterations take a while.
        if (split === 0) values[i]! += 0.02 * (1 + noise(i));
        await append(new Uint8Array(values.buffer));
      }
    });
    const labels = Int32Array.from({ length: m }, (_, i) => labelOf(i));
    await writeFile(join(directory, `${name}_labels.npy`), encodeNpy(ndarray<'int32'>(labels, [m])));
  }
};

let directory: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
  await writeKernels(directory);
}, 120_000);

it('solve and report take a kernel that exceeds --memory block by block, and name what does not', async () => {
  const refused = async (...more: string[]) =>
    (await runCli(['solve', directory, '--json', ...more, ...GRID])).stderr;
  expect(await refused('--memory', MEMORY, '--solver', 'svc')).toContain('products with the kernel');
  expect(await refused('--memory', MEMORY, '--solver-method', 'direct')).toContain('larger than --memory');
  const small = await refused('--memory', '20MiB');
  expect(small).toContain('LARGE_KERNEL');
  expect(Number(/at least (\d+) MiB/.exec(small)![1])).toBeLessThanOrEqual(285);
  expect(existsSync(join(directory, 'solve.json'))).toBe(false);

  const { code, stderr } = await runCli(['solve', directory, '--memory', MEMORY, ...GRID]);
  expect([code, stderr.includes('error')]).toEqual([0, false]);
  const { scores } = JSON.parse(await readFile(join(directory, 'solve.json'), 'utf8'));
  expect(scores.kernel.test.accuracy).toBeGreaterThan(0.9);
  expect(scores.kernel.search).toHaveLength(2);
  expect(existsSync(join(directory, 'iterations'))).toBe(false);
  const page = await readFile(join(directory, 'report.html'), 'utf8');
  expect(page).toContain('Top of the spectrum');
  expect(page).toMatch(/of 4300 eigenvalues/);
  await runCli(['report', directory, '--memory', MEMORY]);
  expect(await readFile(join(directory, 'report.html'), 'utf8')).toBe(page);
}, 300_000);

it('iterations that were stopped go on, and those of another kernel or damaged ones are not taken', async () => {
  const own = await temporaryDirectory();
  await writeKernels(own);
  const solve = async (signal?: AbortSignal) =>
    runCli(['solve', own, '--memory', MEMORY, ...GRID], {}, signal);
  const scoresIn = async () => JSON.parse(await readFile(join(own, 'solve.json'), 'utf8')).scores;
  const stop = new AbortController();
  const stopped = solve(stop.signal);
  const timer = setInterval(() => {
    if (existsSync(join(own, 'iterations', 'iterations-1.json'))) stop.abort();
  }, 5);
  const { code } = await stopped;
  clearInterval(timer);
  expect(code).toBe(130);
  expect(existsSync(join(own, 'solve.json'))).toBe(false);
  // A state that is cut short is no state: the one before it is taken, or none.
  await writeFile(join(own, 'iterations', 'iterations-1-1.npy'), new Uint8Array(64));
  expect((await solve()).code).toBe(0);
  const found = await scoresIn();
  const expected = JSON.parse(await readFile(join(directory, 'solve.json'), 'utf8')).scores;
  expect(found).toEqual(expected);
}, 300_000);
