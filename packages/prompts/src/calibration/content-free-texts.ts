import type { Tokenizer } from '@ntk-lens/core';

/**
 * Inputs without content, from which a prompt's own bias towards a label shows: `N/A`, the empty text and the
 * mask token, each in the place of every text (Zhao et al. 2021, §4).
 *
 * @example
 * ```ts
 * contentFreeTexts(2, tokenizer); // [['N/A', 'N/A'], ['', ''], ['[MASK]', '[MASK]']]
 * ```
 * @param texts texts per example
 * @returns examples; the one with the mask token is left out where the tokenizer has none
 */
export const contentFreeTexts = (texts: number, tokenizer: Tokenizer): string[][] => {
  const mask = tokenizer.idToToken(tokenizer.special.mask);
  return ['N/A', '', ...(mask === undefined ? [] : [mask])].map((text) =>
    new Array<string>(texts).fill(text),
  );
};
