import { isError } from '@ntk-lens/core';
import { loadModel } from '@ntk-lens/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryBudgetError } from '../errors.js';
import { prepareKernels } from '../request/prepare.js';
import { oracleCase } from '../testing/oracle-cases.js';
import { planTiles } from './plan-tiles.js';
import type { TilePlan } from './tile-plan.js';
import { countExamples, tileRequest } from './tile-request.js';
import { MOST_TILES } from './tile-room.js';

const { directory, examples, labelWordIds } = oracleCase('bert');
const model = await loadModel(directory);
const request = { model, formula: 'sgd', labelWordIds, train: examples, queries: {} } as const;
const { stages, active, formula, padTo } = prepareKernels(request);
await model.close();
const common = { stages, active, hiddenSize: model.config.hiddenSize, outputs: 2, maps: formula, padTo };

const MIB = 2 ** 20;

/** Plans of one set of examples by their budget. */
const plansOf = (lengths: readonly number[], train: number, byTiles: boolean) => {
  const counted = countExamples(common, lengths, train);
  return (budget: number): TilePlan =>
    planTiles(tileRequest({ ...common, byTiles, weightBytes: 0 }, counted, 2, budget));
};

/** The budget that the refusal of another one names. */
const namedBy = (plan: () => unknown): number => {
  try {
    plan();
  } catch (error) {
    if (isError(error, MemoryBudgetError)) return error.smallest;
    throw error;
  }
  throw new Error('Expected a budget that is too small.');
};

const lengthsOf = (least: number, most: number) =>
  fc.array(fc.integer({ min: 1, max: 16 }), { minLength: least, maxLength: most, size: 'max' });

test('a budget that a refusal names has a plan, and so has every larger one; a byte less has none', () => {
  let refused = 0;
  fc.assert(
    fc.property(
      fc.oneof(lengthsOf(1, 20), lengthsOf(400, 1500)),
      fc.oneof(lengthsOf(0, 20), lengthsOf(200, 900)),
      fc.boolean(),
      fc.integer({ min: 0, max: 2 * MIB }),
      (train, queries, byTiles, more) => {
        const planWith = plansOf([...train, ...queries], train.length, byTiles);
        const smallest = namedBy(() => planWith(1));
        expect(Number.isInteger(smallest)).toBe(true);
        expect(namedBy(() => planWith(smallest - 1))).toBe(smallest);
        for (const budget of [smallest, smallest + more]) {
          const { tiles, peakBytes } = planWith(budget);
          expect(tiles.length).toBeLessThanOrEqual(MOST_TILES);
          expect(peakBytes).toBeLessThanOrEqual(budget);
        }
        if (train.length > 450) refused++;
      },
    ),
    { numRuns: 8, endOnFailure: true },
  );
  expect(refused).toBeGreaterThan(0);
});

test('20,000 examples of which one at a time would fit are refused, and the smallest budget makes some ten thousand tiles', () => {
  const lengths = Array.from({ length: 20_400 }, (_, i) => 12 + (i % 4));
  const planWith = plansOf(lengths, 20_000, true);
  const [one, all] = [plansOf(lengths.slice(0, 4), 4, true), namedBy(() => planWith(1))];
  // Four examples have no more than sixteen tiles, however small the budget.
  const least = namedBy(() => one(1)) + 64 * MIB;
  expect(namedBy(() => planWith(least))).toBe(all);
  expect(all).toBeGreaterThan(least);
  expect(all - least).toBeLessThan(16 * MIB);
  const { tiles } = planWith(all);
  expect(tiles.length).toBeGreaterThan(10_000);
  expect(tiles.length).toBeLessThanOrEqual(MOST_TILES);
});
