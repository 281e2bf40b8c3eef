import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NDArray, ndarray, rowBlocks, type SplitName } from '@ntk-lens/core';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  computeKernels,
  formulaNames,
  type KernelRequest,
  kernelFitsMemory,
  memoryTileStore,
  openKernelParts,
  openStoredKernels,
  openTileStore,
} from './node.js';
import { prepareLargeKernels } from './request/prepare.js';
import { openForTests } from './testing/open-for-tests.js';
import { oracleCase } from './testing/oracle-cases.js';
import { smallestBudget } from './testing/smallest-budget.js';

const { directory, examples, labelWordIds } = oracleCase('bert');
const { runtime, model } = await openForTests(directory);
const all = [...examples, ...examples.slice(0, 3)];

test.each(sampled(formulaNames, 2))(
  '%s: rows that are put together from stored tiles, in blocks of any size, are the kernel in memory',
  async (formula) => {
    const request: KernelRequest = {
      ...{ model, runtime, formula, labelWordIds, labels: [0, 2, 1], batchSize: 2 },
      train: examples.slice(0, 3),
      queries: { dev: all.slice(3, 5), test: all.slice(4, 7) },
    };
    // Many tiles, or one.
    const [memory] = sampled([await smallestBudget(request), undefined], 1);
    const stores = [memoryTileStore(), await openTileStore(await temporaryDirectory(), { formula })];
    for (const store of stores) {
      const own = { ...request, memory, store };
      const expected = await computeKernels(own);
      const { splits } = await openStoredKernels(own);
      const outputs = expected.train.kernel.shape[1]!;
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom<SplitName>('train', 'dev', 'test'),
          fc.integer({ min: 1, max: 2000 }),
          async (split, bytes) => {
            const found = splits[split]!;
            expect(found.shape).toEqual(expected[split]!.kernel.shape);
            expect(found.logits).toEqual(expected[split]!.logits);
            for (const name of ['kernel', 'flipped'] as const) {
              const rows = found[name];
              const array: NDArray<'float64'> | undefined = expected[split]![name];
              expect(rows === undefined).toBe(array === undefined);
              if (!rows || !array) continue;
              const values: number[] = [];
              for await (const { data } of rowBlocks(rows, bytes, outputs)) values.push(...data);
              expect(Float64Array.from(values)).toEqual(array.data);
            }
          },
        ),
        { numRuns: 12 },
      );
    }
  },
);

test('a tile that is not there, or damaged, is named before any row is read', async () => {
  const folder = await temporaryDirectory();
  const store = await openTileStore(folder, { formula: 'sgd' });
  const request = {
    ...{ model, runtime, formula: 'sgd', labelWordIds, batchSize: 2, store },
    train: examples.slice(0, 3),
    queries: { dev: all.slice(3, 5), test: all.slice(4, 7) },
  };
  await expect(openStoredKernels(request)).rejects.toMatchObject({ code: 'MISSING_TILES' });
  const parts = await openKernelParts(request, 'sum', async () => runtime);
  for (let part = 0; part < parts.count; part++) await parts.compute(part);
  await parts.close();
  await openStoredKernels(request);
  const file = join(folder, `${parts.tilesOf(0)[0]}-1.npy`);
  await writeFile(file, new Uint8Array(200));
  await expect(openStoredKernels(request)).rejects.toMatchObject({ code: 'MISSING_TILES' });
  expect(await parts.isDone(0)).toBe(false);
});

test('a kernel that exceeds the budget is cut into tiles that do not, and every pair is computed once', async () => {
  const many = (n: number) => Array.from({ length: n }, (_, i) => examples[i % examples.length]!);
  const request = {
    ...{ model, formula: 'sgd', labelWordIds, binary: false },
    train: many(2500),
    queries: { dev: many(400), test: many(700) },
  };
  expect(kernelFitsMemory({ ...request, memory: 16 * 2 ** 30 })).toBe(true);
  const memory = 2 ** 30;
  expect(kernelFitsMemory({ ...request, memory })).toBe(false);
  for (const parts of sampled([1, 7], 1)) {
    const { plan } = prepareLargeKernels({ ...request, memory, parts });
    expect(plan.peakBytes).toBeLessThanOrEqual(memory);
    const entries = plan.sweeps.map((sweep) =>
      sweep.reduce(
        (sum, { rows, columns, self }) => sum + rows.length * (columns.length + (self ? rows.length : 0)),
        0,
      ),
    );
    // Entries of two outputs, once in the sweep and once as they are written.
    expect(2 * 8 * 9 * Math.max(...entries)).toBeLessThanOrEqual(plan.blockBytes!);
    const [train, total] = [2500, 3600];
    const seen = new Uint8Array(train * total);
    for (const { rows, columns, self } of plan.tiles)
      for (const row of rows) {
        for (const column of columns) {
          seen[row * total + column]!++;
          if (column < train) seen[column * total + row]!++;
        }
        if (self) for (const other of rows) seen[row * total + other]!++;
      }
    expect(seen.every((times) => times === 1)).toBe(true);
  }
});

test('a budget that not even tiles fit is refused with the smallest that does', async () => {
  const request = {
    ...{ model, formula: 'sgd', labelWordIds },
    train: Array.from({ length: 1200 }, (_, i) => examples[i % examples.length]!),
    queries: { test: examples.slice(0, 2) },
  };
  const error = await Promise.resolve()
    .then(() => kernelFitsMemory({ ...request, memory: 2 ** 20 }))
    .catch((caught: unknown) => caught as { readonly code: string; readonly smallest: number });
  expect(error).toMatchObject({ code: 'MEMORY_BUDGET' });
  const { smallest } = error as { readonly smallest: number };
  expect(kernelFitsMemory({ ...request, memory: smallest })).toBe(false);
  expect(() => kernelFitsMemory({ ...request, memory: smallest - 1 })).toThrow(/Memory budget/);
});

test('the oracle of these tests is not of zeros', async () => {
  const { train } = await computeKernels({
    ...{ model, runtime, formula: 'sgd', labelWordIds, queries: {} },
    train: examples.slice(0, 3),
  });
  expect(ndarray<'float64'>(train.kernel.data, train.kernel.shape).data.some((x) => x !== 0)).toBe(true);
});
