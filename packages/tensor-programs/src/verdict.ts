/** The verdict of a check: the condition was seen to hold, was seen to fail, or the numbers do not decide. */
export type Verdict = 'holds' | 'fails' | 'cannot tell';

/** One row of a check: a verdict with everything that it rests on. */
export interface Finding {
  /** The condition, e.g. `linearization`. */
  readonly condition: string;
  /** The subject, e.g. `SGD, full`; absent if the condition says it all. */
  readonly subject?: string;
  readonly verdict: Verdict;
  /** The measured quantity in words: its name and unit. */
  readonly measure: string;
  /** Its value; absent where it is undefined. */
  readonly statistic?: number;
  /** Interval over seeds; absent with one seed. */
  readonly interval?: readonly [number, number];
  /** The limit of the statistic, e.g. `≥ 0.5`. */
  readonly threshold: string;
  /** The definition that it implements, with its place in the paper. */
  readonly definition: string;
  /** A remark for the reader: the reason for `cannot tell`, the values that were left out. */
  readonly note?: string;
}
