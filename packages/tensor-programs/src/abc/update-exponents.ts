import type { Fraction } from 'fraction.js';
import type { AbcAssignment, AbcLayer } from './abc-assignment.js';
import { updateRule } from './abc-optimizers.js';

/** Exponents e of sizes n^(−e) that everything else follows from; see {@link classifyAbc} for how they come about. */
export interface UpdateExponents {
  /** Initial entries of the output matrix, a + b. */
  readonly start: Fraction;
  /** Updates of entries of the output matrix. */
  readonly output: Fraction;
  /** ∂f/∂h_l for every l: the larger of both. */
  readonly backward: Fraction;
  /**
   * Per matrix but the last: change of h_l by the update of W_l, with `backward` times the power of the gradient in it.
   */
  readonly changes: readonly Fraction[];
}

/** The smallest of some exponents, which belongs to the largest size. */
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
  const { gradientPower: p } = updateRule(optimizer);
  /** Exponent of a matrix's update if its output gets a gradient of this exponent. */
  const updateOf = ({ a, c }: AbcLayer, reaching: Fraction) =>
    a
      .mul(1 + p)
      .add(c)
      .add(reaching.mul(p));
  const last = layers.at(-1)!;
  const start = last.a.add(last.b);
  const output = updateOf(last, lossDerivative);
  const backward = least(start, output);
  const changes = layers.slice(0, -1).map((layer, l) => {
    const update = updateOf(layer, lossDerivative.add(backward));
    // n aligned terms, except over the finitely many inputs of the first matrix.
    return l === 0 ? update : update.sub(1);
  });
  return { start, output, backward, changes };
};
