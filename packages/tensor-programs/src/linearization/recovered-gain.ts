/** Scores of three models on the same test examples; larger is better. */
export interface GainScores {
  /** f(·; θ₀). */
  readonly zeroShot: number;
  /** f_lin(·; θ_T) = f(·; θ₀) + ⟨∇f(·; θ₀), θ_T − θ₀⟩. */
  readonly linearized: number;
  /** f(·; θ_T). */
  readonly tuned: number;
}

/**
 * Part of the gain of fine-tuning over zero-shot that the linearized model has, too. Linearization holds from 0.5 on, a
 * threshold as quoted by a re-implementation. It can be above 1 or below 0.
 *
 * @example
 * ```ts
 * recoveredGain({ zeroShot: 0.6, linearized: 0.75, tuned: 0.8 }); // 0.75
 * ```
 * @returns undefined where fine-tuning gains nothing: there is nothing to recover
 */
export const recoveredGain = ({ zeroShot, linearized, tuned }: GainScores): number | undefined => {
  const gain = tuned - zeroShot;
  return gain > 0 ? (linearized - zeroShot) / gain : undefined;
};
