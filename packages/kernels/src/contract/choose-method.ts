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

/** The numbers of a contraction that its work is counted from; `self` adds rows against rows, one triangle. */
export const contractionSize = (c: ContractionShape, self: boolean) => {
  const bySide = (count: (list: readonly CountedBatch[]) => number) => ({
    rows: count(c.rows),
    columns: count(c.columns),
  });
  const pairsOf = ({ rows, columns }: ReturnType<typeof bySide>) => rows * (columns + (self ? rows / 2 : 0));
  const [tokens, examples] = [bySide(tokensOf), bySide(examplesOf)];
  const pairs = { tokenPairs: pairsOf(tokens), examplePairs: pairsOf(examples) };
  return { outputs: outputsOf(c), tokens, examples, ...pairs };
};

/** Multiply-adds of gradients that are formed, and of their products, padding not counted. */
export const gradientCosts = (c: ContractionShape, self: boolean) => {
  const { outputs, tokens, examplePairs } = contractionSize(c, self);
  const { inSize, outSize } = c.size;
  return {
    formed: outputs * (tokens.rows + tokens.columns) * inSize * outSize,
    multiplied: outputs ** 2 * examplePairs * inSize * outSize,
  };
};

/** Multiply-adds of matrix products, padding not counted; `self` adds rows against rows, one triangle. */
export const methodCosts = (c: ContractionShape, self: boolean): Record<Method, number> => {
  const { outputs, tokenPairs } = contractionSize(c, self);
  const { formed, multiplied } = gradientCosts(c, self);
  const grams = tokenPairs * (c.size.inSize + outputs ** 2 * c.size.outSize);
  return { 'rank-one': grams, 'token-gram': grams, gradient: formed + multiplied };
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
