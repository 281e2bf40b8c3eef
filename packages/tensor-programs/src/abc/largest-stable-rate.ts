import { BadArgumentError } from '@ntk-lens/core';
import { Fraction } from 'fraction.js';
import type { AbcAssignment } from './abc-assignment.js';
import { updateRule } from './abc-optimizers.js';
import { classifyAbc } from './classify-abc.js';
import { most, updateExponents } from './update-exponents.js';

/**
 * The assignment with one change: all learning rate exponents are moved by the same amount, to the largest rates that
 * are stable. Choose it to compare parametrizations at their best, as Yang & Hu (2021) compare the standard one.
 *
 * With s added to every c, the stability conditions of {@link classifyAbc} are lower bounds of s: u + s ≥ 1 for the
 * output matrix, and own change + s ≥ max(0, 1 − a − b) for the others. The own change has p times g = min(a + b, u + s)
 * in it, p being the power of the gradient, and the minimum makes two bounds of one.
 *
 * @example
 * ```ts
 * const standard = abcAssignment({ optimizer: 'sgd', a: [0, 0, 0], b: [0, '1/2', '1/2'], c: 0 });
 * largestStableRate(standard).layers[0]!.c.toFraction(); // '1': a learning rate of order 1/n
 * ```
 * @throws BadArgumentError if no rate is stable, because activations or logits vanish or blow up at initialization
 */
export const largestStableRate = (assignment: AbcAssignment): AbcAssignment => {
  const zero = new Fraction(0);
  const { start, output, backward, changes } = updateExponents(assignment, zero);
  const { gradientPower: p } = updateRule(assignment.optimizer);
  const needed = most(zero, new Fraction(1).sub(start));
  const bounds = changes.flatMap((change) => {
    const withoutBackward = change.sub(backward.mul(p));
    const left = needed.sub(withoutBackward);
    return [left.sub(start.mul(p)), left.sub(output.mul(p)).div(1 + p)];
  });
  const by = most(new Fraction(1).sub(output), ...bounds);
  const moved = { ...assignment, layers: assignment.layers.map((l) => ({ ...l, c: l.c.add(by) })) };
  const { violations } = classifyAbc(moved);
  if (violations.length > 0)
    throw new BadArgumentError('assignment', violations.join('; '), 'one with a stable start');
  return moved;
};
