import { BadArgumentError } from '@ntk-lens/core';

/** Mean and standard deviation over seeds. */
export interface MeanSd {
  readonly mean: number;
  /** Divided by n, not n − 1 (ddof 0), as the authors' program prints it. */
  readonly sd: number;
  readonly count: number;
}

/**
 * Mean and standard deviation (ddof 0) of the results of several seeds.
 *
 * @example
 * ```ts
 * meanSd([0.9, 0.8]); // { mean: 0.85, sd: 0.05, count: 2 }
 * ```
 * @throws BadArgumentError if there are no values
 */
export const meanSd = (values: readonly number[]): MeanSd => {
  const count = values.length;
  if (count === 0) throw new BadArgumentError('values', 'none', 'at least one');
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  return { mean, sd: Math.sqrt(variance), count };
};
