import { fitPowerLaw, type PowerLaw } from '../statistics/power-law.js';
import type { Finding, Verdict } from '../verdict.js';

/** A line that explains less of what the widths differ in is no law. */
export const LEAST_R2 = 0.5;
const THRESHOLD = `exponent of width < 0, R² ≥ ${LEAST_R2}`;

/** A law with the seeds of the width that has fewest. */
type Fit = { readonly law: PowerLaw; readonly seeds: number } | { readonly why: string };

/** The law of a quantity over the models of a ladder, or why there is none. */
export const fitOverWidths = <R extends { readonly width: number }>(
  rungs: readonly R[],
  of: (rung: R) => number,
): Fit => {
  const widths = [...new Set(rungs.map(({ width }) => width))];
  if (widths.length < 3)
    return { why: `${widths.length} width${widths.length === 1 ? '' : 's'}: an exponent needs three` };
  const samples = widths.map((width) => ({
    width,
    values: rungs.filter((rung) => rung.width === width).map(of),
  }));
  if (!samples.every(({ values }) => values.every((value) => value > 0 && value < Infinity)))
    return { why: 'some values are zero or not finite, and have no logarithm' };
  return { law: fitPowerLaw(samples), seeds: Math.min(...samples.map(({ values }) => values.length)) };
};

const falling = ([low, high]: readonly [number, number], r2: number): Verdict => {
  if (low >= 0) return 'fails';
  return high < 0 && r2 >= LEAST_R2 ? 'holds' : 'cannot tell';
};

/** The finding that a quantity falls with width. */
export const slopeFinding = (
  base: Pick<Finding, 'condition' | 'subject' | 'measure' | 'definition'>,
  found: Fit,
): Finding => {
  const whole = { ...base, threshold: THRESHOLD };
  if ('why' in found) return { ...whole, verdict: 'cannot tell', note: found.why };
  const { slope: statistic, interval, r2 } = found.law;
  const quality = `R² of the law ${r2.toFixed(2)}`;
  if (found.seeds < 2) {
    const verdict = falling([statistic, statistic], r2);
    return { ...whole, verdict, statistic, note: `a width with one seed: no interval; ${quality}` };
  }
  return { ...whole, verdict: falling(interval, r2), statistic, interval, note: quality };
};
