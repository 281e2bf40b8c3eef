import { BadArgumentError } from '@ntk-lens/core';

/**
 * Mean and population standard deviation (ddof 0) over seeds, as the authors' program prints them.
 *
 * @example
 * ```ts
 * const { mean, sd } = meanAndSd([0.9, 0.8, 0.85]);
 * ```
 * @throws BadArgumentError without values
 */
export const meanAndSd = (values: readonly number[]): { readonly mean: number; readonly sd: number } => {
  if (values.length === 0) throw new BadArgumentError('values', 'none', 'at least one number');
  // Rounding would leave a deviation where there is none.
  if (values.every((x) => x === values[0])) return { mean: values[0]!, sd: 0 };
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return { mean, sd: Math.sqrt(variance) };
};
