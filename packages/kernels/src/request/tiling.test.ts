import { loadModel } from '@ntk-lens/models';
import { expect, test } from 'vitest';
import { explainKernels, memoryTileStore, openKernelParts, tileKernels } from '../index.js';
import { oracleCase } from '../testing/oracle-cases.js';
import { prepareKernels, prepareLargeKernels } from './prepare.js';

const { directory, examples, labelWordIds } = oracleCase('bert');
const model = await loadModel(directory);
await model.close();
const many = (count: number) => Array.from({ length: count }, (_, i) => examples[i % examples.length]!);
const request = {
  ...{ model, formula: 'sgd', labelWordIds, parts: 3 },
  train: many(8),
  queries: { test: many(20) },
};

/** The parts that a request has, none of which is computed. */
const countOf = async (own: typeof request & { readonly tiling?: ReturnType<typeof tileKernels> }) => {
  const parts = await openKernelParts({ ...own, store: memoryTileStore() }, 'sum', async () => {
    throw new Error('Nothing is computed.');
  });
  return parts.count;
};

test('a plan that is handed on is the one that would be made, and is not made again', async () => {
  const tiling = tileKernels(request);
  const { examples: _, ...made } = prepareKernels(request);
  expect(made).toMatchObject(tiling);
  expect(explainKernels({ ...request, tiling })).toEqual(explainKernels(request));
  expect(prepareLargeKernels({ ...request, tiling }).plan).toBe(tiling.plan);
  expect(await countOf({ ...request, tiling })).toBe(await countOf(request));
  // Settings are those of the plan.
  const whole = tileKernels({ ...request, parts: 1 });
  expect(await countOf({ ...request, tiling: whole })).toBe(1);
});

test('the plan of other examples is refused', () => {
  const others = [
    { train: many(7) },
    { train: many(8), queries: { test: many(20).reverse() } },
    { train: many(9), queries: { test: many(28).slice(9) } },
  ];
  for (const other of others)
    expect(() => prepareKernels({ ...request, ...other, tiling: tileKernels(request) })).toThrow(
      expect.objectContaining({
        code: 'BAD_ARGUMENT',
        message: expect.stringMatching(/tiling: found "a plan for other/),
      }),
    );
});

test('the plan of a kernel in tiles is none for one that has to be in memory', () => {
  const large = { ...request, train: many(1500), queries: { test: many(300) }, parts: undefined };
  const memory = 500 * 2 ** 20;
  const tiling = tileKernels({ ...large, memory });
  expect(tiling.plan.blockBytes).toBeGreaterThan(0);
  expect(() => prepareKernels({ ...large, memory, tiling })).toThrow(/Memory budget/);
  expect(prepareLargeKernels({ ...large, memory, tiling }).plan).toBe(tiling.plan);
});
