/** What a check says: the condition was seen to hold, was seen to fail, or the numbers do not decide. */
export type Verdict = 'holds' | 'fails' | 'cannot tell';

/** One row of a check: a verdict with everything that it rests on. */
export interface Finding {
  /** The condition, e.g. `linearization`. */
  readonly condition: string;
  /** Of what, e.g. `SGD, full`; absent where the condition says it all. */
  readonly subject?: string;
  readonly verdict: Verdict;
  /** What was measured, in words: its name and unit. */
  readonly measure: string;
  /** Its value; absent where it is undefined. */
  readonly statistic?: number;
  /** Interval over seeds; absent with one seed. */
  readonly interval?: readonly [number, number];
  /** What the statistic is held against, e.g. `≥ 0.5`. */
  readonly threshold: string;
  /** The definition that it implements, with its place in the paper. */
  readonly definition: string;
  /** What a reader should know besides: why it cannot be told, what was counted out. */
  readonly note?: string;
}
