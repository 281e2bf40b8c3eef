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

/** Two ways to contract a linear site: through Grams of its factors, or by forming the gradients. */
export type Method = 'token-gram' | 'gradient';

// Token Grams end in an elementwise product and a sum, which run far below the rate of a matrix product.
const TOKEN_GRAM_OVERHEAD = 24;

/** Multiply-adds of both ways for a site; `self` adds rows against rows. */
export const methodCosts = (c: Omit<ContractionShape, 'formula'>, self: boolean): Record<Method, number> => {
  const size = c.inSize * c.outSize;
  let tokens = 0;
  let products = 0;
  const pair = (x: FactorShape, y: FactorShape, share: number) => {
    const pairs = x.n * y.n * x.length * y.length * share;
    tokens += pairs * (c.inSize + x.outputs * y.outputs * (c.outSize + TOKEN_GRAM_OVERHEAD));
    products += x.n * x.outputs * y.n * y.outputs * size * share;
  };
  for (const x of c.rows) {
    for (const y of c.columns) pair(x, y, 1);
    if (self) for (const y of c.rows) pair(x, y, 0.5);
  }
  const formed = [...c.rows, ...c.columns].reduce((sum, f) => sum + f.outputs * f.n * f.length * size, 0);
  return { 'token-gram': tokens, gradient: formed + products };
};

/**
 * Chooses by counted multiply-adds. With one token per example the gradient is an outer product and the
 * token Gram is always right; otherwise signs need the gradient itself.
 */
export const chooseMethod = (c: ContractionShape, self: boolean): Method => {
  if ([...c.rows, ...c.columns].every((f) => f.length === 1)) return 'token-gram';
  if (c.formula !== 'sgd') return 'gradient';
  const costs = methodCosts(c, self);
  return costs['token-gram'] < costs.gradient ? 'token-gram' : 'gradient';
};
