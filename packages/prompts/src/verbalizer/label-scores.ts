import { BadArgumentError } from '@ntk-lens/core';
import type { Verbalizer } from './verbalizer.js';

/**
 * log p of one token under a softmax over the whole vocabulary.
 *
 * @param logits one logit per vocabulary entry, at one position
 * @throws BadArgumentError if `id` is outside the vocabulary
 */
export const tokenLogProbability = (logits: ArrayLike<number>, id: number): number => {
  const logit = logits[id];
  if (logit === undefined) throw new BadArgumentError('id', id, `a token id below ${logits.length}`);
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) most = Math.max(most, logits[i]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - most);
  return logit - most - Math.log(sum);
};

/**
 * Scores of the labels from the log-probabilities of their tokens, by the verbalizer's rule.
 *
 * @example
 * ```ts
 * labelScores(verbalizer, [[-1.2], [-0.4, -0.8]]); // rule "mean": [-1.2, -0.6]
 * ```
 * @param tokenLogProbabilities per label, natural log-probabilities of the tokens that `labelReads` lists for it
 * @returns one score per label, higher is likelier
 * @throws BadArgumentError if the numbers of labels or tokens do not fit
 */
export const labelScores = (
  verbalizer: Verbalizer,
  tokenLogProbabilities: readonly (readonly number[])[],
): number[] => {
  const { rule, words } = verbalizer;
  if (tokenLogProbabilities.length !== words.length) {
    throw new BadArgumentError(
      'tokenLogProbabilities',
      `${tokenLogProbabilities.length} labels`,
      `${words.length}`,
    );
  }
  return words.map(({ label, ids }, i) => {
    const read = tokenLogProbabilities[i]!;
    const count = rule === 'mean' || rule === 'joint' ? ids.length : 1;
    if (read.length !== count) {
      throw new BadArgumentError(
        `tokenLogProbabilities of label ${JSON.stringify(label)}`,
        `${read.length} tokens`,
        `${count} (rule "${rule}")`,
      );
    }
    const sum = read.reduce((total, value) => total + value, 0);
    return rule === 'mean' ? sum / count : sum;
  });
};
