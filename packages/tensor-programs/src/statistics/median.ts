import { BadArgumentError } from '@ntk-lens/core';
import { quantile } from './quantile.js';

const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

/**
 * The middle of some numbers; of an even count the mean of the two in the middle.
 *
 * @throws BadArgumentError where there are none
 */
export const median = (values: readonly number[]): number => {
  if (values.length === 0) throw new BadArgumentError('values', 'none', 'at least one number');
  return quantile(sorted(values), 0.5);
};

/**
 * Interval of the median of the distribution that independent values come from, whatever that distribution
 * is. Take x₍₁₎ ≤ … ≤ x₍ₙ₎. The median lies below x₍ₖ₎ as often as a fair coin falls on heads fewer than k
 * times in n. So the interval is [x₍ₖ₎, x₍ₙ₊₁₋ₖ₎] with the largest k for which both tails together are at
 * most 1 − confidence.
 *
 * @example
 * ```ts
 * medianInterval(Array.from({ length: 30 }, (_, i) => i + 1)); // [10, 21]
 * ```
 * @param confidence least probability with which the interval contains the median; default 0.95
 * @returns undefined for too few values: at 0.95, fewer than six
 * @throws BadArgumentError for a value that is not finite, or a confidence outside (0, 1)
 */
export const medianInterval = (
  values: readonly number[],
  confidence = 0.95,
): readonly [number, number] | undefined => {
  for (const value of values)
    if (!Number.isFinite(value)) throw new BadArgumentError('value', value, 'a finite number');
  if (!(confidence > 0 && confidence < 1))
    throw new BadArgumentError('confidence', confidence, 'a number between 0 and 1');
  const n = values.length;
  let k = 0;
  // P(heads = k) and P(heads < k), of n fair coins.
  for (let [exactly, below] = [0.5 ** n, 0]; 2 * (below + exactly) <= 1 - confidence; k++) {
    below += exactly;
    exactly *= (n - k) / (k + 1);
  }
  if (k === 0) return undefined;
  const ordered = sorted(values);
  return [ordered[k - 1]!, ordered[n - k]!];
};
