import type { Tokenizer } from '@ntk-lens/core';
import { tokensOfWord } from '../verbalizer/word-tokens.js';

/** A word of a vocabulary and its one token. */
export interface WordToken {
  readonly word: string;
  readonly id: number;
}

const WORD = /^(?:\p{L}[\p{L}\p{M}]+|[^\p{ASCII}\p{Lu}])$/u;

/** The text of a token, where it could be a word: letters alone, and more than one of those that are ASCII. */
const wordOf = (id: number, tokenizer: Tokenizer): string | undefined => {
  const word = tokenizer.decode([id]).trim();
  return WORD.test(word) && /\p{L}/u.test(word) ? word : undefined;
};

/** Tokens of a vocabulary that could be words; special tokens are none. */
export const possibleWords = (tokenizer: Tokenizer): readonly WordToken[] => {
  const special = new Set(Object.values(tokenizer.special));
  return Array.from({ length: tokenizer.vocabularySize }, (_, id) => id).flatMap((id) => {
    const word = special.has(id) ? undefined : wordOf(id, tokenizer);
    return word === undefined ? [] : [{ word, id }];
  });
};

/** True where a label word of this text is this token: it stands after a space, and is no part of a longer word. */
export const isWholeWord = ({ word, id }: WordToken, tokenizer: Tokenizer): boolean => {
  const tokens = tokensOfWord(word, tokenizer);
  return tokens?.length === 1 && tokens[0] === id;
};

/**
 * Words that the name of a label gives: the name, then its words, as they are written and in lower case; of all these those
 * that are one token of the vocabulary.
 *
 * @example
 * ```ts
 * wordsOfLabel('BillingIssue', tokenizer).map(({ word }) => word); // ['Billing', 'billing', 'Issue', 'issue']
 * ```
 */
export const wordsOfLabel = (label: string, tokenizer: Tokenizer): readonly WordToken[] => {
  const parts = label.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ').split(/[^\p{L}\p{M}]+/u);
  const forms = [label.trim(), ...parts].flatMap((form) => [form, form.toLowerCase()]);
  const words = [...new Set(forms)].filter((word) => /^[\p{L}\p{M}\p{N}]+$/u.test(word));
  return words.flatMap((word) => {
    const [id, ...more] = tokensOfWord(word, tokenizer) ?? [];
    return id === undefined || more.length > 0 || id === tokenizer.special.unk ? [] : [{ word, id }];
  });
};
