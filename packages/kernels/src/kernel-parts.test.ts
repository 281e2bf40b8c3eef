import type { NDArray } from '@ntk-lens/core';
import { sampled } from '@ntk-lens/testing/sampled';
import { expect, test } from 'vitest';
import {
  assembleKernelBlocks,
  computeKernelBlocks,
  explainKernels,
  formulaNames,
  type KernelRequest,
  memoryTileStore,
  openKernelParts,
} from './index.js';
import { openForTests } from './testing/open-for-tests.js';
import { oracleCase } from './testing/oracle-cases.js';
import { smallestBudget } from './testing/smallest-budget.js';

const { directory, examples, labelWordIds } = oracleCase('bert');
const { runtime, model } = await openForTests(directory);

test.each(sampled(formulaNames, 1))(
  '%s: processes that compute parts in any order, some of them twice, give the kernel of one process',
  async (formula) => {
    const all = [...examples, ...examples.slice(0, 3)];
    const request: KernelRequest = {
      ...{ model, runtime, formula, labelWordIds, labels: [0, 2, 1], batchSize: 2, parts: 3 },
      train: examples.slice(0, 3),
      queries: { dev: all.slice(3, 5), test: all.slice(4, 7) },
    };
    for (const level of sampled(['sum', 'layer'] as const, 1))
      for (const memory of sampled([undefined, await smallestBudget(request)], 1)) {
        const tiles = new Map<string, Readonly<Record<string, NDArray>>>();
        const own = { ...request, memory };
        const shared = { ...own, store: memoryTileStore(tiles) };
        const expected = await computeKernelBlocks(own, level);
        const workers = [0, 1].map(() => openKernelParts(shared, level, async () => runtime));
        const [one, two] = [await workers[0]!, await workers[1]!];
        expect(one.count).toBeGreaterThanOrEqual(3);
        await expect(assembleKernelBlocks(shared, level)).rejects.toMatchObject({ code: 'MISSING_TILES' });
        for (let part = one.count - 1; part >= 0; part -= 2) await one.compute(part);
        expect(await two.isDone(one.count - 1)).toBe(true);
        for (let part = 0; part < two.count; part++)
          if (!(await two.isDone(part)) || part === one.count - 1) await two.compute(part);
        await Promise.all([one.close(), two.close()]);
        expect(runtime.residentBytes).toBe(0);
        expect(await assembleKernelBlocks(shared, level)).toEqual(expected);
        // A file that is lost leaves its part, and no other one.
        const lost = one.tilesOf(1)[0]!;
        tiles.delete(lost);
        const left = [];
        for (let part = 0; part < one.count; part++) if (!(await one.isDone(part))) left.push(part);
        expect(left).toEqual([1]);
      }
    await expect(
      openKernelParts({ ...request, parts: 0, store: memoryTileStore() }, 'sum', async () => runtime),
    ).rejects.toThrow(/parts: found 0/);
  },
);

test('the work of the parts adds up to that of the kernel, and parts are about equal', () => {
  const request = {
    ...{ model, formula: 'sgd', labelWordIds },
    train: Array.from({ length: 32 }, (_, i) => examples[i % examples.length]!),
    queries: { test: Array.from({ length: 100 }, (_, i) => examples[i % examples.length]!) },
  };
  for (const parts of sampled([1, 2, 5, 8], 1)) {
    const plan = explainKernels({ ...request, parts });
    expect(plan.parts).toHaveLength(plan.sweeps);
    expect(plan.parts).toHaveLength(parts);
    const flops = plan.parts.map((part) => part.flops);
    const sum = flops.reduce((total, own) => total + own, plan.onceFlops);
    expect(sum / plan.totalFlops).toBeCloseTo(1, 9);
    expect(Math.max(...flops) / (sum / parts)).toBeLessThan(1.5);
    const repeated = plan.parts.reduce((total, part) => total + part.repeatedFlops, 0);
    expect(repeated).toBeCloseTo(plan.kept.tileFlops + plan.kept.formedFlops, 0);
    // The rows run once for all processes, and no other example runs twice.
    expect(plan.kept.tileFlops).toBe(0);
    expect(plan.states !== undefined).toBe(parts > 1);
    expect(repeated + plan.onceFlops > 0).toBe(parts > 1);
    expect(plan.parts.reduce((total, part) => total + part.bytes, 0)).toBe(8 * 9 * 32 * (100 + 32));
  }
});
