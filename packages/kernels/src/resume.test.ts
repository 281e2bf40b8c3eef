import { CancelledError, type NDArray } from '@ntk-lens/core';
import { sampled } from '@ntk-lens/testing/sampled';
import { describe, expect, test } from 'vitest';
import {
  computeKernelBlocks,
  formulaNames,
  type KernelRequest,
  memoryTileStore,
  type TileStore,
} from './index.js';
import { openForTests } from './testing/open-for-tests.js';
import { oracleCase } from './testing/oracle-cases.js';
import { smallestBudget } from './testing/smallest-budget.js';

const { directory, examples, labelWordIds } = oracleCase('bert');

const { runtime, model } = await openForTests(directory);

/** A store in memory. */
const storeOf = (tiles: Map<string, Readonly<Record<string, NDArray>>>, written: () => void): TileStore => {
  const { read, write } = memoryTileStore(tiles);
  return { read, write: (tile, arrays) => write(tile, arrays).then(written) };
};

describe.each(sampled(formulaNames, 2))('%s: an interrupted computation resumes', (formula) => {
  test.each(['sum', 'parameter'] as const)('and gives the same bytes, by %s', async (level) => {
    const request: KernelRequest = {
      ...{ model, runtime, formula, labelWordIds, labels: [0, 2, 1], batchSize: 2 },
      train: examples.slice(0, 3),
      queries: { dev: examples.slice(3, 4), test: examples.slice(4) },
    };
    const memory = await smallestBudget(request);
    const whole = new Map<string, Readonly<Record<string, NDArray>>>();
    const all = await computeKernelBlocks({ ...request, memory, store: storeOf(whole, () => {}) }, level);
    expect(whole.size).toBeGreaterThan(4);
    // Without a store the result is the same.
    expect(await computeKernelBlocks({ ...request, memory }, level)).toEqual(all);

    for (const stop of [1, 3]) {
      const tiles = new Map<string, Readonly<Record<string, NDArray>>>();
      const controller = new AbortController();
      const store = storeOf(tiles, () => {
        if (tiles.size === stop) controller.abort();
      });
      const stopped = computeKernelBlocks({ ...request, memory, store, signal: controller.signal }, level);
      await expect(stopped).rejects.toThrow(CancelledError);
      // What was computed together is kept together.
      expect(tiles.size).toBeGreaterThanOrEqual(stop);
      expect(tiles.size).toBeLessThan(whole.size);
      expect(runtime.residentBytes).toBe(0);
      expect(await computeKernelBlocks({ ...request, memory, store }, level)).toEqual(all);
      expect(tiles).toEqual(whole);
    }

    // With all tiles nothing is computed, v included.
    const phases: string[] = [];
    const store = storeOf(whole, () => expect.fail('a tile was computed again'));
    const onProgress = ({ phase }: { readonly phase: string }) => phases.push(phase);
    expect(await computeKernelBlocks({ ...request, memory, store, onProgress }, level)).toEqual(all);
    expect(phases).toEqual([]);
  });
});
