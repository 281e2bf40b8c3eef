import type { MachineRates } from '@ntk-lens/engine';
import { formsGradients, keepsRankOne, type MapPair } from '../formulas/formula.js';
import type { CountedBatch, MatrixSize } from './matrix-shapes.js';
import type { Sides } from './pairs.js';

/** The sizes that the costs of a contraction depend on. */
export interface ContractionShape extends Sides<CountedBatch> {
  readonly size: MatrixSize;
}

/**
 * Ways to contract a matrix gradient: through Grams of its factors, by forming the gradients, or, where an example has
 * one token, as outer products.
 */
export type Method = 'rank-one' | 'token-gram' | 'gradient';

/** Scaling and summing a pair of tokens, as multiply-adds for each pair of outputs. */
const PAIR_COST = 24;

const tokensOf = (list: readonly CountedBatch[]): number =>
  list.reduce((sum, { n, length, tokens }) => sum + (tokens?.reduce((a, b) => a + b, 0) ?? n * length), 0);
const examplesOf = (list: readonly CountedBatch[]): number => list.reduce((sum, { n }) => sum + n, 0);
const outputsOf = ({ rows, columns }: Sides<CountedBatch>): number => [...rows, ...columns][0]?.outputs ?? 1;

/** Multiply-adds of matrix products, padding not counted; `self` adds rows against rows, one triangle. */
export const methodCosts = (c: ContractionShape, self: boolean): Record<Method, number> => {
  const outputs = outputsOf(c);
  const { inSize, outSize } = c.size;
  const pairs = (count: (list: readonly CountedBatch[]) => number) =>
    count(c.rows) * (count(c.columns) + (self ? count(c.rows) / 2 : 0));
  const grams = pairs(tokensOf) * (inSize + outputs ** 2 * outSize);
  const formed = outputs * (tokensOf(c.rows) + tokensOf(c.columns)) * inSize * outSize;
  return {
    'rank-one': grams,
    'token-gram': grams,
    gradient: formed + outputs ** 2 * pairs(examplesOf) * inSize * outSize,
  };
};

/**
 * Chooses the way that is expected to take least time among those that the formula's maps admit: gradients pass
 * through memory, and their products are thin, so their rate is a lower one. Grams of
 * tokens need maps that commute with sums and keep rank one, and outer products need maps that keep rank one;
 * formed gradients always work.
 */
export const chooseMethod = (
  maps: MapPair,
  c: ContractionShape,
  self: boolean,
  rates: MachineRates,
): Method => {
  const single = [...c.rows, ...c.columns].every(({ length }) => length === 1);
  if (single && keepsRankOne(maps)) return 'rank-one';
  if (formsGradients(maps)) return 'gradient';
  const costs = methodCosts(c, self);
  const pairs = outputsOf(c) ** 2;
  const perPair = c.size.inSize + pairs * c.size.outSize;
  const tokenGram = costs['token-gram'] * (1 + (PAIR_COST * pairs) / perPair);
  return tokenGram / rates.products < costs.gradient / rates.thinProducts ? 'token-gram' : 'gradient';
};
