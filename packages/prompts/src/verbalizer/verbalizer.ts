import { BadArgumentError, type Tokenizer } from '@ntk-lens/core';
import {
  DuplicateLabelWordError,
  MissingLabelsError,
  MultiTokenLabelWordError,
  UnknownLabelWordError,
} from './label-word-errors.js';
import type { LabelMapping } from './parse-mapping.js';
import { tokensNear, tokensOfWord } from './word-tokens.js';

/**
 * Rule by which a label is scored when its word has the tokens t₁ … tₙ:
 * - `single`: n must be 1; the score reads t₁ at the mask. This is LM-BFF's rule and the default.
 * - `first`: reads only t₁ at the one mask, whatever follows. The prompt and the kernel are those of `single`;
 *   choose it when the first tokens differ between labels.
 * - `joint`: log p(t₁, …, tₙ), also of a word of one token. A masked model reads the prompt with the mask repeated n times,
 *   once, and the masks' log-probabilities are added (the masks do not see each other's words): see `labelReads`. A causal
 *   model reads the prompt followed by t₁ … tₙ₋₁, and the sum is exact by the chain rule; its kernels are of such sums.
 *   Longer words score lower.
 * - `mean`: the same prompts as `joint`, the sum divided by n, for zero-shot. Choose it when the words differ in length.
 */
export type LabelWordRule = 'single' | 'first' | 'mean' | 'joint';

/** The word of one label. */
export interface LabelWord {
  readonly label: string;
  readonly word: string;
  /** Token ids of the whole word, whatever the rule. */
  readonly ids: readonly number[];
  /** The tokens as the vocabulary writes them. */
  readonly pieces: readonly string[];
}

/** Label words in label order, and the rule that reads them. JSON-serializable; a run's manifest keeps it whole. */
export interface Verbalizer {
  readonly rule: LabelWordRule;
  readonly words: readonly LabelWord[];
  /** First token of each word, in label order: under `single` and `first`, the logits of the model that count. */
  readonly labelWordIds: readonly number[];
}

export interface VerbalizerOptions {
  /** Default: `single`. See {@link LabelWordRule} for when to choose another. */
  readonly rule?: LabelWordRule;
}

const rules: readonly LabelWordRule[] = ['single', 'first', 'mean', 'joint'];

/**
 * Turns a label mapping into token ids by LM-BFF's rule: the tokens of " word" — with a space before it —
 * unless the word starts with one of `< [ . ,`. A word of a script without spaces, as Chinese or Japanese, that is not
 * one token after a space is taken without it. A token can be named as the vocabulary writes it: `Ġgreat`, `▁great`,
 * `##ing`, or with `token:` before it, as in `token:映`.
 *
 * @example
 * ```ts
 * const { labelWordIds } = createVerbalizer({ '0': 'terrible', '1': 'great' }, ['0', '1'], tokenizer);
 * ```
 * @param mapping words by label; labels that the task does not have are left out
 * @param labels the labels of the task, in order; for a regression task the two ends, low first
 * @returns words in label order
 * @throws MissingLabelsError, MultiTokenLabelWordError (rule `single`), UnknownLabelWordError,
 *   DuplicateLabelWordError, BadArgumentError
 */
export const createVerbalizer = (
  mapping: LabelMapping,
  labels: readonly string[],
  tokenizer: Tokenizer,
  options: VerbalizerOptions = {},
): Verbalizer => {
  const { rule = 'single' } = options;
  if (!rules.includes(rule)) throw new BadArgumentError('rule', rule, rules.join(', '));
  if (labels.length === 0) throw new BadArgumentError('labels', 'none', 'at least one label');
  const missing = labels.filter((label) => !Object.hasOwn(mapping, label));
  if (missing.length > 0) throw new MissingLabelsError(missing, Object.keys(mapping));
  const words = labels.map((label): LabelWord => {
    const word = mapping[label]!;
    const ids = tokensOfWord(word, tokenizer);
    if (ids === undefined) throw new UnknownLabelWordError(label, word, [], tokensNear(word, tokenizer));
    const pieces = ids.map((id) => tokenizer.idToToken(id) ?? `#${id}`);
    if (
      word.trim() === '' ||
      ids.length === 0 ||
      (ids.includes(tokenizer.special.unk) && !isUnk(word, tokenizer))
    ) {
      throw new UnknownLabelWordError(label, word, pieces, tokensNear(word, tokenizer));
    }
    if (rule === 'single' && ids.length > 1)
      throw new MultiTokenLabelWordError(label, word, pieces, tokensNear(word, tokenizer));
    return { label, word, ids, pieces };
  });
  const firstOnly = rule === 'single' || rule === 'first';
  const seen = new Map<string, LabelWord>();
  for (const word of words) {
    const key = firstOnly ? String(word.ids[0]) : word.ids.join(' ');
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      const shared = rule === 'first' ? word.pieces[0]! : word.word;
      throw new DuplicateLabelWordError(earlier.label, word.label, shared, rule === 'first');
    }
    seen.set(key, word);
  }
  return { rule, words, labelWordIds: words.map((word) => word.ids[0]!) };
};

const isUnk = (word: string, tokenizer: Tokenizer): boolean =>
  tokenizer.tokenToId(word) === tokenizer.special.unk;
