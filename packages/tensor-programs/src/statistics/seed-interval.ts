import { BadArgumentError, Mt19937 } from '@ntk-lens/core';
import { quantile } from './quantile.js';

export interface BootstrapOptions {
  /** Part of the bootstrap means inside the interval. Default: 0.95. */
  readonly confidence?: number;
  /** Default: 2000. */
  readonly draws?: number;
  /** Seed of the bootstrap. Default: 0. */
  readonly seed?: number;
}

/** Fewer values say nothing about their spread. */
export const LEAST_FOR_INTERVAL = 3;

/**
 * Bootstrap interval of a mean: values are drawn again, with replacement.
 *
 * @example
 * ```ts
 * bootstrapInterval([0.91, 0.94, 0.97, 0.93, 0.99])?.map((x) => x.toFixed(2)); // ['0.92', '0.97']
 * ```
 * @returns undefined for fewer than three values
 * @throws BadArgumentError for a value that is not finite
 */
export const bootstrapInterval = (
  values: readonly number[],
  { confidence = 0.95, draws = 2000, seed = 0 }: BootstrapOptions = {},
): readonly [number, number] | undefined => {
  for (const value of values)
    if (!Number.isFinite(value)) throw new BadArgumentError('value', value, 'a finite number');
  if (values.length < LEAST_FOR_INTERVAL) return undefined;
  const random = new Mt19937(seed);
  const means = Array.from({ length: draws }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[random.interval(values.length - 1)]!;
    return sum / values.length;
  }).sort((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  return [quantile(means, tail), quantile(means, 1 - tail)];
};
