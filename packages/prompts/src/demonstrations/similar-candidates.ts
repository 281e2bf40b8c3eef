import { BadArgumentError } from '@ntk-lens/core';

export interface SimilarCandidatesInput {
  /** Pool indices that may be chosen. */
  readonly candidates: readonly number[];
  /** Similarity of each candidate to the query, in the order of `candidates`. */
  readonly scores: ArrayLike<number>;
  /** Label of pool example i. */
  readonly labelOf: (index: number) => string;
  /** Number of labels of the task. */
  readonly labels: number;
  /** Share kept per label, in (0, 1]. It is LM-BFF's `demo_filter_rate`, which is 0.5 there. */
  readonly rate: number;
}

/**
 * The candidates most similar to the query: per label the best ⌊⌊candidates ÷ labels⌋ · rate⌋, as LM-BFF's
 * demonstration filter.
 *
 * @returns pool indices, most similar first; ties in the order of `candidates`
 * @throws BadArgumentError
 */
export const similarCandidates = (input: SimilarCandidatesInput): number[] => {
  const { candidates, scores, labelOf, labels, rate } = input;
  if (!(rate > 0 && rate <= 1)) throw new BadArgumentError('rate', rate, 'a number in (0, 1]');
  if (scores.length !== candidates.length) {
    throw new BadArgumentError(
      'scores',
      `${scores.length} scores`,
      `${candidates.length}, one per candidate`,
    );
  }
  const limit = Math.trunc(Math.floor(candidates.length / labels) * rate);
  const order = candidates.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const kept = new Map<string, number>();
  return order
    .map((i) => candidates[i]!)
    .filter((index) => {
      const label = labelOf(index);
      const count = kept.get(label) ?? 0;
      kept.set(label, count + 1);
      return count < limit;
    });
};
