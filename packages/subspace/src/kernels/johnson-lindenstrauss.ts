import { BadArgumentError } from '@ntk-lens/core';

export interface JohnsonLindenstraussOptions {
  /** k, dimensions of the subspace. */
  readonly dimension: number;
  /** Gradients between which kernels are taken: examples × outputs. */
  readonly vectors: number;
  /** Probability with which the bound may fail. Default: 0.05. */
  readonly failure?: number;
}

/**
 * The ε of the Johnson–Lindenstrauss lemma: with probability 1 − `failure`, a Gaussian projection to k dimensions
 * changes no ⟨∇f, ∇f'⟩ of n gradients by more than ε ‖∇f‖ ‖∇f'‖ (docs/theory.md, Johnson–Lindenstrauss). Squared
 * lengths of u + v and u − v fail with probability at most 2 exp(−k(ε²/4 − ε³/6)) each; all n(n + 1) of them are
 * counted.
 *
 * @example
 * ```ts
 * johnsonLindenstraussBound({ dimension: 10_000, vectors: 64 }); // about 0.07
 * ```
 * @returns ε below 1, or `undefined` where k is too small to promise anything
 * @throws BadArgumentError for numbers out of range
 */
export const johnsonLindenstraussBound = ({
  dimension,
  vectors,
  failure = 0.05,
}: JohnsonLindenstraussOptions): number | undefined => {
  for (const [name, value] of [
    ['dimension', dimension],
    ['vectors', vectors],
  ] as const)
    if (!(Number.isInteger(value) && value > 0))
      throw new BadArgumentError(name, value, 'a positive integer');
  if (!(failure > 0 && failure < 1)) throw new BadArgumentError('failure', failure, 'between 0 and 1');
  const needed = Math.log((2 * vectors * (vectors + 1)) / failure) / dimension;
  const rate = (epsilon: number) => epsilon ** 2 / 4 - epsilon ** 3 / 6;
  if (needed > rate(1)) return undefined;
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (rate(middle) < needed) low = middle;
    else high = middle;
  }
  return high;
};
