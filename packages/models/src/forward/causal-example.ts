import type { EncodedExample } from '@ntk-lens/core';
import { NothingBeforeMaskError } from './errors.js';

/**
 * Turns a prompt with a mask into what a causal model reads: the tokens before the mask, whose last one
 * predicts the label word. The model cannot see the template's text after the mask, which is dropped. A
 * template compiled for the `causal` objective (see {@link architectureOf}) gives this form already; this is
 * for examples that were made with a mask.
 *
 * @example
 * ```ts
 * causalExample({ inputIds: [11, 12, 13, 4, 7], position: 3 }); // { inputIds: [11, 12, 13], position: 2 }
 * ```
 * @param example prompted example; `position` is that of the mask
 * @throws NothingBeforeMaskError if the mask is the first token
 */
export const causalExample = ({ inputIds, position, tokenTypeIds }: EncodedExample): EncodedExample => {
  if (position === 0) throw new NothingBeforeMaskError();
  return {
    inputIds: inputIds.slice(0, position),
    position: position - 1,
    tokenTypeIds: tokenTypeIds?.slice(0, position),
  };
};
