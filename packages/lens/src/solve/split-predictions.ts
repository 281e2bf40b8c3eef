import type { NDArray, SplitName } from '@ntk-lens/core';
import { type Answers, answersOf } from './answers.js';
import type { Solved } from './solve-kernel.js';

/** The answers of one method on the examples of a set. */
export interface SplitPredictions {
  /** Label indices; scores of a regression. */
  readonly answers: readonly number[];
  /** {@link marginsOf} the labels; absent for a regression. */
  readonly margins?: Float64Array;
}

/** Predictions of a solved kernel and of the model untrained. */
export interface SolvedPredictions {
  readonly kernel: SplitPredictions;
  /** Absent when the logits of the pre-trained model are not known. */
  readonly zeroShot?: SplitPredictions;
}

/**
 * Margins of labels under scores: s_y − max over c ≠ y of s_c for an example with the label y. It is positive where the label is
 * predicted, negative where another one is, and larger where that is clearer. Its unit is that of the scores.
 *
 * @example
 * ```ts
 * marginsOf(ndarray(Float64Array.of(2, 1, 0, 3), [2, 2]), [0, 0]); // [1, -3]
 * ```
 * @param scores `[examples, labels]`, or `[examples, 1]` with s₁ − s₀ of two labels
 * @param labels label indices
 * @returns float64 `[examples]`
 */
export const marginsOf = ({ data, shape }: NDArray, labels: readonly number[]): Float64Array => {
  const width = shape[1]!;
  return Float64Array.from(labels, (label, i) => {
    const own = Array.from(data.subarray(i * width, (i + 1) * width), Number);
    if (width === 1) return label === 1 ? own[0]! : -own[0]!;
    return own[label]! - Math.max(...own.filter((_, c) => c !== label));
  });
};

/**
 * The answers of a solved kernel and of the untrained model on the examples of a set, in their order, as the
 * scores of `solveKernel` count them.
 *
 * @example
 * ```ts
 * const { kernel, zeroShot } = predictionsOf(await solveKernel(await loadKernel('runs/sst-2')));
 * kernel.answers[0], kernel.margins?.[0];
 * ```
 */
export const predictionsOf = (
  { kernel, fitted }: Pick<Solved, 'kernel' | 'fitted'>,
  split: SplitName = 'test',
): SolvedPredictions => {
  const own = kernel.splits[split];
  return solvedPredictions(
    answersOf(kernel),
    split,
    fitted.predict(own),
    kernel.hasLogits ? own.logits : undefined,
  );
};

/** The answers that scores of a solver, and logits of the untrained model, give on a set. */
export const solvedPredictions = (
  answers: Answers,
  split: SplitName,
  scores: NDArray<'float64'>,
  logits: NDArray<'float64'> | undefined,
): SolvedPredictions => {
  const of = (found: ArrayLike<number>, by: NDArray): SplitPredictions => ({
    answers: Array.from(found),
    margins: answers.targets ? undefined : marginsOf(by, answers.gold[split]),
  });
  return {
    kernel: of(answers.of(scores), scores),
    zeroShot: logits && of(answers.zeroShot(logits), logits),
  };
};
