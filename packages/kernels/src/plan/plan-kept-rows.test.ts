import { loadModel } from '@ntk-lens/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareKernels } from '../request/prepare.js';
import { oracleCase } from '../testing/oracle-cases.js';
import { planKeptRows } from './plan-kept-rows.js';
import type { ExtraBytes } from './tile-plan.js';
import { countExamples, tileRequest } from './tile-request.js';

const { directory, examples, labelWordIds } = oracleCase('bert');
const model = await loadModel(directory);
const request = { model, formula: 'sgd', labelWordIds, train: examples, queries: {} } as const;
const { stages, active, formula, padTo } = prepareKernels(request);
await model.close();
const memoryModel = {
  ...{ stages, active, hiddenSize: model.config.hiddenSize, outputs: 2, maps: formula, padTo },
  weightBytes: 0,
};

const planOf = (lengths: readonly number[], train: number, budget: number, extra?: ExtraBytes) =>
  planKeptRows(tileRequest(memoryModel, countExamples(memoryModel, lengths, train), 2, budget), extra);

const lengthsOf = (most: number) =>
  fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: most });
/** Bytes beyond those that every plan needs. */
const budgets = fc.integer({ min: 0, max: 2 ** 22 }).map((bytes) => 350 * 2 ** 20 + bytes);
const extras = fc.record({
  perToken: fc.integer({ min: 0, max: 4000 }),
  once: fc.integer({ min: 0, max: 2 ** 16 }),
});

test('every query is in one tile, against all training examples, and all tiles fit', () => {
  fc.assert(
    fc.property(lengthsOf(6), lengthsOf(40), budgets, extras, (train, queries, budget, extra) => {
      const lengths = [...train, ...queries];
      const plan = planOf(lengths, train.length, budget, extra);
      if (!plan) return;
      expect(plan.peakBytes + extra.once).toBeLessThanOrEqual(budget);
      expect(plan.exampleBytes).toBeGreaterThan(plan.keptRowBytes!);
      expect(plan.sweeps.flat()).toEqual(plan.tiles);
      for (const { rows } of plan.tiles) expect(rows).toEqual(train.map((_, i) => i));
      expect(plan.tiles.map(({ self }) => self)).toEqual(plan.tiles.map((_, i) => i === 0));
      const columns = plan.tiles.flatMap((tile) => tile.columns).sort((a, b) => a - b);
      expect(columns).toEqual(queries.map((_, i) => train.length + i));
    }),
  );
});

test('more memory needs no more tiles, and too little has no plan', () => {
  const lengths = Array.from({ length: 60 }, (_, i) => 8 + (i % 9));
  const tiles = Array.from({ length: 60 }, (_, i) => 350 * 2 ** 20 + i * 2 ** 17).map(
    (budget) => planOf(lengths, 4, budget)?.tiles.length ?? Number.POSITIVE_INFINITY,
  );
  expect(tiles[0]).toBe(Number.POSITIVE_INFINITY);
  expect(tiles.at(-1)).toBe(1);
  expect(new Set(tiles).size).toBeGreaterThan(3);
  expect(tiles).toEqual(tiles.toSorted((a, b) => b - a));
});
