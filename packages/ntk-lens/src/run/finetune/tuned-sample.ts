import type { FineTuned, GridPoint, TuningScores } from '@ntk-lens/lens';

/** The results on one k-shot sample. */
export interface TunedSample {
  readonly shots: number;
  readonly seed: number;
  readonly directory: string;
  readonly grid: readonly GridPoint[];
  /** Index of the point that dev chose. */
  readonly chosen: number;
  /** Model at θ₀; absent without a prompt. */
  readonly zeroShot?: TuningScores;
  readonly tuned: TuningScores;
  /** Numbers that move; tied ones count once. */
  readonly dimension: number;
  /** The path of θ_T. */
  readonly written: string;
}

/** A tuned model as `metrics.json` holds it. */
export const tunedSample = (
  { task: { shots, seed }, grid, chosen, dev, test, dimension, written, zeroShot }: FineTuned,
  directory: string,
): TunedSample => ({
  ...{ shots, seed, directory, grid, chosen, tuned: { dev, test }, dimension, written: written!, zeroShot },
});
