/** One comparison of a self-check: how far two ways to the same number are apart. */
export interface CheckResult {
  /** Short and stable, e.g. `padding: logits`. */
  readonly name: string;
  /** The two sides of the comparison. */
  readonly compares: string;
  /** Distance found, relative to the size of what is compared; absent when skipped. */
  readonly statistic?: number;
  /** Largest distance that rounding explains. */
  readonly threshold: number;
  readonly verdict: 'pass' | 'fail' | 'skipped';
  /** The unit of the distance, step sizes, or the reason for skipping the check. */
  readonly detail: string;
}

/** Judges a statistic; one that is not a number fails. */
export const judge = (
  check: Pick<CheckResult, 'name' | 'compares' | 'detail' | 'threshold'>,
  statistic: number,
): CheckResult => ({ ...check, statistic, verdict: statistic <= check.threshold ? 'pass' : 'fail' });

/** ‖a − b‖ / ‖b‖ over all elements; 0 where both are zero. */
export const relativeDistance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
};
