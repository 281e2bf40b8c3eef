/**
 * Label words by their tokens, in label order. A number each: the output of a label is the logit of its token. A list each:
 * the output is the log-probability of the word, Σ_t log p(y_t | x, y_<t), under the softmax over the whole vocabulary, and
 * the examples are prompts of `withBranches` (docs/theory.md, Outputs).
 */
export type LabelWordIds = readonly number[] | readonly (readonly number[])[];

/** True where every word is a list of tokens. */
export const areWords = (ids: LabelWordIds): ids is readonly (readonly number[])[] =>
  ids.every((word) => typeof word === 'object');

/** Tokens of an example whose logits are read: the prompt's last, and those of every word except its last. */
export const jointReads = (words: readonly (readonly number[])[]): number =>
  words.reduce((sum, word) => sum + word.length - 1, 1);
