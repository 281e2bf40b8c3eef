import type { Formula } from '@ntk-lens/core';
import type { FactorShape } from './gram-programs.js';

/** What the costs of a contraction depend on. */
export interface ContractionShape {
  readonly formula: Formula;
  readonly inSize: number;
  readonly outSize: number;
  readonly rows: readonly FactorShape[];
  readonly columns: readonly FactorShape[];
}

/**
 * Ways to contract a linear site: through Grams of its factors, by forming the gradients, or, where an example has one
 * token, as outer products.
 */
export type Method = 'rank-one' | 'token-gram' | 'gradient';

/**
 * Time of a multiply-add when gradients are formed and multiplied, against one of a Gram of tokens. Gradients pass
 * through memory, and their products are thin; measured 1.3 to 1.6 on two cores with AVX2, 1.5 to 1.7 with AVX-512, for a
 * site by itself. At 1.6 whole runs took as long, and more memory.
 */
const GRADIENT_SLOWDOWN = 2;
/** Scaling and summing a pair of tokens, as multiply-adds for each pair of outputs. */
const PAIR_COST = 24;

const tokensOf = (list: readonly FactorShape[]): number =>
  list.reduce((sum, { n, length, tokens }) => sum + (tokens?.reduce((a, b) => a + b, 0) ?? n * length), 0);
const examplesOf = (list: readonly FactorShape[]): number => list.reduce((sum, { n }) => sum + n, 0);

/** Multiply-adds of matrix products for a site, padding not counted; `self` adds rows against rows, one triangle. */
export const methodCosts = (c: Omit<ContractionShape, 'formula'>, self: boolean): Record<Method, number> => {
  const { outputs } = c.rows[0]!;
  const size = c.inSize * c.outSize;
  const pairs = (count: (list: readonly FactorShape[]) => number) =>
    count(c.rows) * (count(c.columns) + (self ? count(c.rows) / 2 : 0));
  const grams = pairs(tokensOf) * (c.inSize + outputs ** 2 * c.outSize);
  const formed = outputs * (tokensOf(c.rows) + tokensOf(c.columns)) * size;
  return {
    'rank-one': grams,
    'token-gram': grams,
    gradient: formed + outputs ** 2 * pairs(examplesOf) * size,
  };
};

/** Chooses the way that is expected to take least time. Signs of more than one token need the gradient itself. */
export const chooseMethod = (c: ContractionShape, self: boolean): Method => {
  if ([...c.rows, ...c.columns].every((f) => f.length === 1)) return 'rank-one';
  if (c.formula !== 'sgd') return 'gradient';
  const costs = methodCosts(c, self);
  const { outputs } = c.rows[0]!;
  const perPair = c.inSize + outputs ** 2 * c.outSize;
  const tokenGram = costs['token-gram'] * (1 + (PAIR_COST * outputs ** 2) / perPair);
  return tokenGram < GRADIENT_SLOWDOWN * costs.gradient ? 'token-gram' : 'gradient';
};
