import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { beforeAll, expect, it } from 'vitest';
import { MEMORY_OF_MADE, writeKernels } from '../testing/made-kernels.js';
import { runCli } from '../testing/run-cli.js';

const MEMORY = MEMORY_OF_MADE;
const GRID = ['--ridge', '0.001,0.1', '--f0-scales', 'inf'];

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
