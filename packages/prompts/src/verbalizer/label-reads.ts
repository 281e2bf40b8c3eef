import type { Verbalizer } from './verbalizer.js';

/** One prompt of a masked model that must be read to score some of the labels. */
export interface LabelRead {
  /** Masks of the prompt: `encodePrompt(…, { maskCount })`. */
  readonly maskCount: number;
  /** Label indices scored by this prompt, with the token to look up at each of its `readPositions`. */
  readonly labels: readonly { readonly label: number; readonly ids: readonly number[] }[];
}

/**
 * The prompts of a masked model that a verbalizer needs read, and what to look up in each. Under `joint` and `mean` it is one
 * per word length; under `single` and `first` one with one mask for all labels. A causal model needs one prompt under every
 * rule (`withBranches` of `@ntk-lens/models`).
 *
 * @example
 * ```ts
 * for (const { maskCount, labels } of labelReads(verbalizer)) {
 *   const prompt = encodePrompt(template, texts, tokenizer, { maskCount });
 *   // log-probability of labels[k].ids[j] at prompt.readPositions[j]
 * }
 * ```
 */
export const labelReads = ({ rule, words }: Verbalizer): readonly LabelRead[] => {
  const whole = rule === 'mean' || rule === 'joint';
  const reads = new Map<number, LabelRead & { labels: { label: number; ids: readonly number[] }[] }>();
  for (const [label, word] of words.entries()) {
    const ids = whole ? word.ids : word.ids.slice(0, 1);
    const read = reads.get(ids.length);
    if (read === undefined) reads.set(ids.length, { maskCount: ids.length, labels: [{ label, ids }] });
    else read.labels.push({ label, ids });
  }
  return [...reads.values()];
};
