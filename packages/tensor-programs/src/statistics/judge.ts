import type { Finding, Verdict } from '../verdict.js';
import { bootstrapInterval, LEAST_FOR_INTERVAL } from './seed-interval.js';

/** The number that a statistic is held against. */
export interface Threshold {
  readonly value: number;
  /** `at least`: the condition holds from the value on; `below`: it holds under it. */
  readonly side: 'at least' | 'below';
}

/** Part of a finding that follows from numbers alone. */
export type Judgement = Pick<Finding, 'verdict' | 'statistic' | 'interval' | 'threshold' | 'note'>;

/** Ratios of counts meet a limit exactly, up to rounding. */
const ROUNDING = 1e-9;

const passes = (value: number, { value: limit, side }: Threshold): boolean =>
  side === 'at least' ? value >= limit - ROUNDING : value < limit - ROUNDING;

export const thresholdText = ({ value, side }: Threshold): string =>
  `${side === 'at least' ? '≥' : '<'} ${value}`;

/**
 * Holds the mean over seeds against a threshold. With three seeds or more the 95 % bootstrap interval
 * decides: if it is not all on one side, the verdict is `cannot tell`. With fewer the mean decides alone.
 *
 * @example
 * ```ts
 * judge([0.93, 0.97, 1.02], { value: 0.9, side: 'at least' }).verdict; // 'holds'
 * ```
 * @param values one per seed; undefined where the statistic is
 * @param undefinedWhy said where a value is undefined
 */
export const judge = (
  values: readonly (number | undefined)[],
  threshold: Threshold,
  undefinedWhy = 'the statistic is undefined',
): Judgement => {
  const known = values.filter((value) => value !== undefined);
  const missing = values.length - known.length;
  const text = thresholdText(threshold);
  const gaps =
    missing > 0 || values.length === 0
      ? [`${undefinedWhy}${values.length > 1 ? ` for ${missing} of ${values.length} seeds` : ''}`]
      : [];
  if (known.length === 0) return { verdict: 'cannot tell', threshold: text, note: gaps.join('; ') };
  const statistic = known.reduce((sum, value) => sum + value, 0) / known.length;
  const interval = bootstrapInterval(known);
  const few =
    interval === undefined
      ? [
          `${known.length === 1 ? 'one seed' : `${known.length} seeds`}: no interval, which needs ${LEAST_FOR_INTERVAL}`,
        ]
      : [];
  const inside = (interval ?? [statistic]).map((value) => passes(value, threshold));
  const verdict: Verdict = inside.every(Boolean) ? 'holds' : inside.some(Boolean) ? 'cannot tell' : 'fails';
  const note = [...gaps, ...few].join('; ') || undefined;
  return { verdict, statistic, threshold: text, interval, note };
};
