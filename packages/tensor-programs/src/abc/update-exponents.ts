import type { Fraction } from 'fraction.js';
import type { AbcAssignment } from './abc-assignment.js';

/** Exponents e of sizes n^(−e) that everything else follows from; see {@link classifyAbc} for how they come about. */
export interface UpdateExponents {
  /** Initial entries of the output matrix, a + b. */
  readonly start: Fraction;
  /** Updates of entries of the output matrix. */
  readonly output: Fraction;
  /** ∂f/∂h_l for every l: the larger of both. */
  readonly backward: Fraction;
  /**
   * Per matrix but the last: change of h_l by the update of W_l. For SGD, `backward` included.
   */
  readonly changes: readonly Fraction[];
}

/** The smallest of some exponents: what is largest. */
export const least = (first: Fraction, ...others: readonly Fraction[]): Fraction =>
  others.reduce((low, x) => (x.lt(low) ? x : low), first);

/** The largest of some exponents. */
export const most = (first: Fraction, ...others: readonly Fraction[]): Fraction =>
  others.reduce((high, x) => (x.gt(high) ? x : high), first);

/**
 * @param lossDerivative d of χ = Θ(n^(−d))
 */
export const updateExponents = (
  { optimizer, layers }: AbcAssignment,
  lossDerivative: Fraction,
): UpdateExponents => {
  const proportional = optimizer === 'sgd';
  const { a, b, c } = layers.at(-1)!;
  const start = a.add(b);
  const output = proportional ? a.mul(2).add(c).add(lossDerivative) : a.add(c);
  const backward = least(start, output);
  const changes = layers.slice(0, -1).map((layer, l) => {
    const update = proportional
      ? layer.a.mul(2).add(layer.c).add(lossDerivative).add(backward)
      : layer.a.add(layer.c);
    // n aligned terms, except over the finitely many inputs of the first matrix.
    return l === 0 ? update : update.sub(1);
  });
  return { start, output, backward, changes };
};
