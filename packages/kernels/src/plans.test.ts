import { type MachineRates, type Runtime, usualRates } from '@ntk-lens/engine';
import { largestDifference, relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { describe, expect, test } from 'vitest';
import { computeKernels, explainKernels, type KernelRequest, memoryTileStore } from './index.js';
import { prepareKernels } from './request/prepare.js';
import { openForTests } from './testing/open-for-tests.js';
import { oracleCase } from './testing/oracle-cases.js';
import { smallestBudget } from './testing/smallest-budget.js';

const { directory, examples, labelWordIds, nearZero } = oracleCase('bert');
const { runtime, model } = await openForTests(directory);

const common = { model, runtime, labelWordIds: labelWordIds.slice(0, 2), binary: true, batchSize: 2 };
const requestOf = (formula: string): KernelRequest => ({
  ...{ ...common, formula, train: examples.slice(0, 3) },
  queries: { dev: examples.slice(3, 4), test: examples.slice(4) },
});

/** Machines whose plans differ as much as plans can: what is kept, and which products are formed. */
const profiles: Readonly<Record<string, MachineRates>> = {
  usual: usualRates,
  'pages for nothing, slow thin products': { ...usualRates, newPages: 1e18, thinProducts: 1e6 },
  'pages that cost much, fast thin products': { ...usualRates, newPages: 1, thinProducts: 1e18 },
};
/** Bytes beyond the smallest budget; the last one has room for values. */
const budgets = [0, 1e3, 3e3, 1e4, 2e4, 3e4, 5e4, 1e5, 1e6, 2 ** 30];

const plansOf = (smallest: number) =>
  budgets.flatMap((more) =>
    Object.entries(profiles).map(([name, rates]) => ({ name, rates, memory: smallest + more })),
  );

describe.each(sampled(['sgd', 'signgd', 'a-signgd'], 1))('%s', (formula) => {
  const request = requestOf(formula);

  test('kernels of all plans agree up to rounding', async () => {
    const plans = plansOf(await smallestBudget(request));
    const expected = await computeKernels(request);
    for (const { name, rates, memory } of sampled(plans, 4)) {
      const { train, dev, test } = await computeKernels({ ...request, rates, memory });
      for (const [found, whole] of [
        [train, expected.train],
        [dev!, expected.dev!],
        [test!, expected.test!],
      ] as const) {
        expect(relativeDifference(found.logits, whole.logits), name).toBeLessThan(1e-5);
        // Each sign of a gradient that is zero up to rounding changes an entry by at most 2.
        if (formula === 'signgd')
          expect(largestDifference(found.kernel, whole.kernel), name).toBeLessThanOrEqual(2 * nearZero.count);
        else expect(relativeDifference(found.kernel, whole.kernel), name).toBeLessThan(1e-5);
      }
    }
  });

  test('the kernel of one plan is the same to the last bit, interrupted or not', async () => {
    const plans = plansOf(await smallestBudget(request));
    for (const { rates, memory } of sampled(plans, 1)) {
      const planned = { ...request, rates, memory };
      const whole = await computeKernels(planned);
      expect(await computeKernels(planned)).toEqual(whole);
      const store = memoryTileStore();
      const controller = new AbortController();
      const stopping = {
        read: store.read,
        write: async (...tile: Parameters<typeof store.write>) => {
          await store.write(...tile);
          controller.abort();
        },
      };
      // One that has a single tile ends before it is stopped.
      await computeKernels({ ...planned, store: stopping, signal: controller.signal }).catch(
        ({ code }: { code: string }) => expect(code).toBe('CANCELLED'),
      );
      expect(await computeKernels({ ...planned, store })).toEqual(whole);
    }
  });
});

test('budgets and profiles lead to other tiles, other values that are kept, and other contractions', async () => {
  const request = requestOf('sgd');
  const plans = plansOf(await smallestBudget(request)).map(({ rates, memory }) =>
    prepareKernels({ ...request, rates, memory }),
  );
  expect(new Set(plans.map(({ plan }) => plan.tiles.length)).size).toBeGreaterThanOrEqual(4);
  expect(new Set(plans.map(({ kept }) => kept.flat().length > 0))).toEqual(new Set([false, true]));
  const methods = Object.values(profiles).map(
    (rates) => new Set(explainKernels({ ...request, rates }).sites.flatMap(({ methods }) => methods)),
  );
  expect(methods.slice(1)).toEqual([new Set(['rank-one', 'token-gram']), new Set(['rank-one', 'gradient'])]);
});

test('values that are kept save what would be computed again', () => {
  const request = { ...requestOf('sgd'), memory: 2 ** 31 };
  const [none, all] = [1, 1e18].map((newPages) =>
    explainKernels({ ...request, rates: { ...usualRates, newPages } }),
  );
  expect(none!.kept).toMatchObject({ sites: [], bytes: 0, savedFlops: 0, tileFlops: 0 });
  expect(all!.kept.againFlops).toBe(0);
  expect(all!.kept.savedFlops).toBe(none!.kept.againFlops);
  expect(none!.factors.flops - all!.factors.flops).toBe(all!.kept.savedFlops);
});

test('the smallest budget that is named works, and a byte less is refused', async () => {
  for (const rates of Object.values(profiles)) {
    const request = { ...requestOf('sgd'), rates };
    const smallest = await smallestBudget(request);
    expect(Number.isInteger(smallest)).toBe(true);
    expect(prepareKernels({ ...request, memory: smallest }).plan.peakBytes).toBeLessThanOrEqual(smallest);
    expect(() => prepareKernels({ ...request, memory: smallest - 1 })).toThrow(
      expect.objectContaining({ code: 'MEMORY_BUDGET', smallest }),
    );
  }
});

test('factors of the training examples that stay give the same kernel, interrupted or not', async () => {
  const many = {
    train: examples.slice(0, 2),
    queries: { test: Array.from({ length: 4 }, () => examples).flat() },
  };
  const request = { ...requestOf('sgd'), ...many, rates: { ...usualRates, newPages: 1e18 } };
  const smallest = await smallestBudget(request);
  const planned = Array.from({ length: 40 }, (_, i) => ({ ...request, memory: smallest + 1e4 * i })).find(
    (each) => {
      const { tiles, keptRowBytes } = prepareKernels(each).plan;
      return keptRowBytes !== undefined && tiles.length > 2;
    },
  )!;
  const { tiles, keptRowBytes } = prepareKernels(planned).plan;
  // No example runs twice.
  const { kept, examples: counts, sweeps } = explainKernels(planned);
  expect(kept.tileFlops).toBe(0);
  expect(kept.rowBytes).toBe(keptRowBytes);
  expect(sweeps).toBe(tiles.length);
  expect(counts.padded).toBeLessThan(1.5 * counts.tokens);
  const whole = await computeKernels(planned);
  const expected = await computeKernels({ ...request, memory: 2 ** 31 });
  for (const split of ['train', 'test'] as const) {
    expect(relativeDifference(whole[split]!.kernel, expected[split]!.kernel)).toBeLessThan(1e-5);
    expect(relativeDifference(whole[split]!.logits, expected[split]!.logits)).toBeLessThan(1e-5);
  }
  const store = memoryTileStore();
  const controller = new AbortController();
  const stopping: typeof store = {
    read: store.read,
    write: async (...tile) => {
      await store.write(...tile);
      controller.abort();
    },
  };
  await expect(
    computeKernels({ ...planned, store: stopping, signal: controller.signal }),
  ).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(runtime.residentBytes).toBe(0);
  expect(await computeKernels({ ...planned, store })).toEqual(whole);
  expect(runtime.residentBytes).toBe(0);
});

test('rates that are none are refused', () => {
  for (const products of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => explainKernels({ ...requestOf('sgd'), rates: { ...usualRates, products } })).toThrow(
      /rates\.products/,
    );
});

test('before every sweep the process gives memory back that it holds beyond three quarters of the budget', async () => {
  const request = requestOf('sgd');
  const memory = await smallestBudget(request);
  const bounds: number[] = [];
  const trimming: Runtime = new Proxy(runtime, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== 'function') return value;
      if (name !== 'trim') return value.bind(target);
      return (most: number) => {
        bounds.push(most);
        return target.trim(most);
      };
    },
  });
  const { sweeps } = explainKernels({ ...request, memory });
  await computeKernels({ ...request, memory, runtime: trimming });
  expect(sweeps).toBeGreaterThan(1);
  expect(bounds).toEqual(Array.from({ length: sweeps }, () => 0.75 * memory));
});
