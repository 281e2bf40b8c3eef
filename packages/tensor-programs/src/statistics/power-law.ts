import { BadArgumentError, Mt19937 } from '@ntk-lens/core';
import { lineThrough } from './line-through.js';
import { median } from './median.js';
import { quantile } from './quantile.js';

/** A measurement at one width, repeated over seeds. */
export interface WidthSample {
  readonly width: number;
  /** One number per seed, all positive. */
  readonly values: readonly number[];
}

/** y ≈ c · widthˢ. */
export interface PowerLaw {
  /** s: slope of log y against log width. */
  readonly slope: number;
  /** log c. */
  readonly intercept: number;
  /** Bootstrap interval of the slope: seeds are drawn again, with replacement, within every width. */
  readonly interval: readonly [number, number];
  /** Fraction of the variance of mean (or median) log y over widths that the line explains; 1 where there is none. */
  readonly r2: number;
}

export interface PowerLawOptions {
  /** Part of the bootstrap slopes inside the interval. Default: 0.95. */
  readonly confidence?: number;
  /** Default: 1000. */
  readonly draws?: number;
  /** Seed of the bootstrap. Default: 0. */
  readonly seed?: number;
  /**
   * The centre of the seeds of a width: the mean of log y (default), or the median. Choose the median for
   * values that come near zero at some seeds and then have logarithms far below the others.
   */
  readonly centre?: 'mean' | 'median';
}

const meanLog = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + Math.log(value), 0) / values.length;

/**
 * The growth of a quantity with width: least squares on logarithms over all seeds (or through the medians),
 * with a bootstrap interval over seeds. Fewer than three widths are no evidence for a law, so they are
 * refused.
 *
 * @example
 * ```ts
 * const { slope } = fitPowerLaw([64, 256, 1024].map((width) => ({ width, values: [3 / Math.sqrt(width)] })));
 * slope; // -0.5
 * ```
 * @throws BadArgumentError for fewer than three different widths, or a value that is not positive and finite
 */
export const fitPowerLaw = (samples: readonly WidthSample[], options: PowerLawOptions = {}): PowerLaw => {
  const { confidence = 0.95, draws = 1000, seed = 0, centre = 'mean' } = options;
  const logOf = centre === 'mean' ? meanLog : (values: readonly number[]) => Math.log(median(values));
  const widths = new Set(samples.map(({ width }) => width));
  if (widths.size < 3 || widths.size < samples.length)
    throw new BadArgumentError('widths', [...widths].join(', '), 'at least three, each once');
  for (const { width, values } of samples) {
    if (!(width > 0)) throw new BadArgumentError('width', width, 'a positive number');
    if (values.length === 0 || !values.every((value) => value > 0 && value < Infinity))
      throw new BadArgumentError(
        `values at width ${width}`,
        values.join(', ') || 'none',
        'positive finite numbers',
      );
  }
  const xs = samples.map(({ width }) => Math.log(width));
  const ys = samples.map(({ values }) => logOf(values));
  // A width with many seeds is known better than one with a single seed.
  const weights = samples.map(({ values }) => values.length);
  const { slope, intercept, r2 } = lineThrough(xs, ys, weights);
  const random = new Mt19937(seed);
  const slopes = Array.from({ length: draws }, () => {
    const drawn = samples.map(({ values }) =>
      logOf(values.map(() => values[random.interval(values.length - 1)]!)),
    );
    return lineThrough(xs, drawn, weights).slope;
  }).sort((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  return {
    slope,
    intercept,
    interval: [quantile(slopes, tail), quantile(slopes, 1 - tail)],
    r2,
  };
};
