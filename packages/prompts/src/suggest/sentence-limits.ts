import type { Tokenizer } from '@ntk-lens/core';
import { compileTemplate } from '../encode/encode-prompt.js';
import type { EncodePromptOptions } from '../encode/prompt-options.js';
import type { Template } from '../template/parse-template.js';

/** Options of {@link sentenceLimits}. */
export interface SentenceLimitsOptions {
  /** Texts of an example. */
  readonly texts: number;
  /** Most tokens of a prompt. */
  readonly maxLength: number;
  readonly objective?: 'masked' | 'causal';
}

/**
 * Largest numbers of tokens of each text that leave room for the rest of a prompt, so that a long text never cuts the mask off.
 *
 * @example
 * ```ts
 * sentenceLimits([parseTemplate('*cls**sent_0*_It_was*mask*.*sep+*')], tokenizer, { texts: 1, maxLength: 128 });
 * // { firstSentenceLimit: 121 }
 * ```
 * @param templates the limits fit all of them
 */
export const sentenceLimits = (
  templates: readonly Template[],
  tokenizer: Tokenizer,
  { texts, maxLength, objective }: SentenceLimitsOptions,
): { readonly firstSentenceLimit: number } & Pick<EncodePromptOptions, 'otherSentenceLimit'> => {
  const lengths = templates.map((template) => {
    const encode = compileTemplate(template, tokenizer, { maxLength: 2 ** 20, objective });
    return encode(Array.from({ length: texts }, () => 'a')).inputIds.length;
  });
  const each = Math.max(1, Math.floor((maxLength - Math.max(...lengths)) / texts));
  return texts === 1 ? { firstSentenceLimit: each } : { firstSentenceLimit: each, otherSentenceLimit: each };
};
