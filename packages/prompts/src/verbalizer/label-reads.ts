import type { Verbalizer } from './verbalizer.js';

/** One prompt that must be read to score some of the labels. */
export interface LabelRead {
  /** For a masked model: `encodePrompt(…, { maskCount })`. */
  readonly maskCount: number;
  /** For a causal model: `encodePrompt(…, { objective: 'causal', continuation })`. */
  readonly continuation: readonly number[];
  /** Label indices scored by this prompt, with the token to look up at each of its `readPositions`. */
  readonly labels: readonly { readonly label: number; readonly ids: readonly number[] }[];
}

/**
 * The prompts that a verbalizer needs read, and what to look up in each.
 *
 * A masked model needs one prompt per word length; a causal model one per distinct word beginning. Under
 * `single` and `first` it is one prompt, with one mask, for all labels.
 *
 * @example
 * ```ts
 * for (const { maskCount, labels } of labelReads(verbalizer, 'masked')) {
 *   const prompt = encodePrompt(template, texts, tokenizer, { maskCount });
 *   // log-probability of labels[k].ids[j] at prompt.readPositions[j]
 * }
 * ```
 */
export const labelReads = (verbalizer: Verbalizer, objective: 'masked' | 'causal'): readonly LabelRead[] => {
  const whole = verbalizer.rule === 'mean' || verbalizer.rule === 'joint';
  const reads = new Map<string, LabelRead & { labels: { label: number; ids: readonly number[] }[] }>();
  for (const [label, word] of verbalizer.words.entries()) {
    const ids = whole ? word.ids : word.ids.slice(0, 1);
    const continuation = objective === 'causal' ? ids.slice(0, -1) : [];
    const key = objective === 'causal' ? continuation.join(' ') : String(ids.length);
    const read = reads.get(key);
    if (read === undefined) reads.set(key, { maskCount: ids.length, continuation, labels: [{ label, ids }] });
    else read.labels.push({ label, ids });
  }
  return [...reads.values()];
};
