import { BadArgumentError, Mt19937 } from '@ntk-lens/core';
import { lineThrough } from './line-through.js';
import type { PowerLaw, PowerLawOptions } from './power-law.js';
import { quantile } from './quantile.js';

/** Two quantities of one thing, both positive. */
export interface PositivePair {
  readonly x: number;
  readonly y: number;
}

/**
 * The exponent with which one measured quantity goes with another, y ≈ c · xˢ: least squares on logarithms, with a
 * bootstrap interval over pairs.
 *
 * @example
 * ```ts
 * fitPairs([{ x: 1, y: 3 }, { x: 2, y: 12 }, { x: 4, y: 48 }]).slope; // 2
 * ```
 * @returns r2 is that of the pairs, not of means
 * @throws BadArgumentError for fewer than three different x, or a number that is not positive and finite
 */
export const fitPairs = (pairs: readonly PositivePair[], options: PowerLawOptions = {}): PowerLaw => {
  const { confidence = 0.95, draws = 1000, seed = 0 } = options;
  if (new Set(pairs.map(({ x }) => x)).size < 3)
    throw new BadArgumentError('pairs', `${pairs.length} pairs`, 'three of different x or more');
  if (!pairs.every(({ x, y }) => x > 0 && x < Infinity && y > 0 && y < Infinity))
    throw new BadArgumentError('pairs', 'numbers without a logarithm', 'positive finite numbers');
  const points = pairs.map(({ x, y }) => [Math.log(x), Math.log(y)] as const);
  const line = (chosen: typeof points) =>
    lineThrough(
      chosen.map(([x]) => x),
      chosen.map(([, y]) => y),
    );
  const random = new Mt19937(seed);
  const slopes: number[] = [];
  while (slopes.length < draws) {
    const { slope } = line(points.map(() => points[random.interval(points.length - 1)]!));
    // One pair, drawn every time, has no slope.
    if (Number.isFinite(slope)) slopes.push(slope);
  }
  slopes.sort((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  return { ...line(points), interval: [quantile(slopes, tail), quantile(slopes, 1 - tail)] };
};
