import type { NDArray } from '@ntk-lens/core';
import { usualRates } from '@ntk-lens/engine';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterEach, expect, test } from 'vitest';
import {
  assembleKernelBlocks,
  computeKernelBlocks,
  explainKernels,
  formulaNames,
  isOfStates,
  type KernelRequest,
  memoryTileStore,
  openKernelParts,
  type StateClaims,
} from '../index.js';
import { prepareKernels } from '../request/prepare.js';
import { openForTests } from '../testing/open-for-tests.js';
import { oracleCase } from '../testing/oracle-cases.js';
import { smallestBudget } from '../testing/smallest-budget.js';

const { directory, examples, labelWordIds } = oracleCase('bert');
const { runtime, model } = await openForTests(directory);

afterEach(() => {
  expect(runtime.residentBytes).toBe(0);
});

const many = (count: number) => Array.from({ length: count }, (_, i) => examples[i % examples.length]!);
const requestOf = (formula: string, parts: number): KernelRequest => ({
  ...{ model, runtime, formula, labelWordIds, labels: many(6).map((_, i) => i % 3), batchSize: 2, parts },
  train: many(6),
  queries: { test: many(11) },
});

/** A store whose tiles others see, and the names of states in the order in which they were written. */
const storeFor = () => {
  const tiles = new Map<string, Readonly<Record<string, NDArray>>>();
  const store = memoryTileStore(tiles);
  const written: string[] = [];
  const write = async (...tile: Parameters<typeof store.write>) => {
    if (isOfStates(tile[0])) written.push(tile[0]);
    await store.write(...tile);
  };
  return { tiles, written, store: { ...store, write } };
};

/** Claims that processes of this test share, and how often one had to give way. */
const claimsOf = () => {
  const held = new Set<number>();
  const seen = { refused: 0 };
  const claims: StateClaims = {
    claim: async (share) => {
      if (held.has(share)) {
        seen.refused++;
        return undefined;
      }
      held.add(share);
      return async () => void held.delete(share);
    },
  };
  return { claims, held, seen };
};

/** Computes all parts on so many processes at the same time. */
const together = async (
  request: KernelRequest & { readonly store: ReturnType<typeof memoryTileStore> },
  processes: number,
  claims?: StateClaims,
): Promise<void> => {
  const all = Array.from({ length: processes }, async (_, index) => {
    const own = await openKernelParts(request, 'sum', async () => runtime, claims);
    const parts = Array.from({ length: own.count }, (_, part) => part);
    for (const part of parts.filter((part) => part % processes === index))
      if (!(await own.isDone(part))) await own.compute(part);
    await own.close();
  });
  await Promise.all(all);
};

const names = ({ tiles }: ReturnType<typeof storeFor>) => [...tiles.keys()].filter(isOfStates).sort();

test.each(sampled(formulaNames, 2))(
  '%s: processes compute the states of the training examples once, and leave the bytes of one process',
  async (formula) => {
    const request = requestOf(formula, 4);
    const plain = await smallestBudget(request);
    // Factors that stay in memory, states that are read stage by stage, and weights that are, too.
    const kinds: Partial<KernelRequest>[] = [
      { rates: { ...usualRates, newPages: 1e18 } },
      { memory: plain },
      { streamed: true },
    ];
    for (const kind of sampled(kinds, 1)) {
      const own = { ...request, ...kind };
      const { plan, states } = prepareKernels(own);
      expect(plan.sweeps.length).toBeGreaterThan(1);
      if (plan.sweeps[0]![0]!.rows.length === own.train.length) expect(states).toBeDefined();
      const expected = await computeKernelBlocks(own, 'sum');
      for (const processes of sampled([1, 2, 4, 8], 2)) {
        const shared = storeFor();
        const { claims, held } = claimsOf();
        await together({ ...own, store: shared.store }, processes, claims);
        expect(held.size).toBe(0);
        expect(await assembleKernelBlocks({ ...own, store: shared.store }, 'sum')).toEqual(expected);
        // Every state once, whoever computed it.
        expect([...shared.written].sort()).toEqual(names(shared));
      }
    }
  },
);

test('states that are lost or damaged are computed again, those alone, to the same bytes', async () => {
  const request = requestOf('sgd', 3);
  const expected = await computeKernelBlocks(request, 'sum');
  const shared = storeFor();
  const own = { ...request, store: shared.store };
  await together(own, 1);
  const known = names(shared);
  const shares = known.filter((name) => /^states-\d{4}$/.test(name));
  expect(shares.length).toBeGreaterThan(1);
  const ofFirst = known.filter((name) => name.startsWith(shares[0]!));
  expect(ofFirst.length).toBeGreaterThan(3);
  for (const lost of sampled(ofFirst, 2)) {
    const part = [...shared.tiles.keys()].filter((name) => !isOfStates(name))[1]!;
    shared.tiles.delete(part);
    shared.tiles.delete(lost);
    shared.written.length = 0;
    await together(own, 2);
    expect([...shared.written].sort()).toEqual(ofFirst);
    expect(await assembleKernelBlocks(own, 'sum')).toEqual(expected);
  }
});

test('a share whose process is gone is taken over, and one that somebody computes is waited for', async () => {
  const request = requestOf('sgd', 3);
  const expected = await computeKernelBlocks(request, 'sum');
  const shared = storeFor();
  const { claims, held, seen } = claimsOf();
  held.add(0);
  const work = together({ ...request, store: shared.store }, 2, claims);
  while (seen.refused < 4) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(names(shared)).not.toContain('states-0000');
  expect([...shared.tiles.keys()].filter((name) => !isOfStates(name))).toEqual([]);
  held.delete(0);
  await work;
  expect([...shared.written].sort()).toEqual(names(shared));
  expect(await assembleKernelBlocks({ ...request, store: shared.store }, 'sum')).toEqual(expected);
});

test('the plan says how many bytes states take, and counts their work once', async () => {
  const request = requestOf('sgd', 4);
  const { states, onceFlops, parts, totalFlops } = explainKernels(request);
  const shared = storeFor();
  await together({ ...request, store: shared.store }, 2);
  const numbers = [...shared.tiles].flatMap(([name, arrays]) =>
    isOfStates(name) ? [arrays['numbers']] : [],
  );
  expect(numbers.reduce((sum, array) => sum + (array?.data.byteLength ?? 0), 0)).toBe(states!.bytes);
  expect(names(shared).filter((name) => /^states-\d{4}$/.test(name))).toHaveLength(states!.shares);
  expect(parts.reduce((sum, { flops }) => sum + flops, onceFlops) / totalFlops).toBeCloseTo(1, 9);
  // Without processes that share the kernel, nothing is written.
  expect(explainKernels({ ...request, parts: undefined }).states).toBeUndefined();
});
