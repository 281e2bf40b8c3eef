import type { Tokenizer } from '@ntk-lens/core';

const names = ['<cls>', '<sep>', '<mask>', '<pad>', '<unk>'];
const [cls, sep, mask, pad, unk] = [0, 1, 2, 3, 4] as const;

/** A tokenizer that can be read by eye: every code point is a token, and the special tokens are themselves. */
export const characterTokenizer: Tokenizer = {
  encode: (text) =>
    text
      .split(/(<(?:cls|sep|mask|pad|unk)>)/)
      .flatMap((part) =>
        names.includes(part)
          ? [names.indexOf(part)]
          : [...part].map((character) => character.codePointAt(0)! + 5),
      ),
  decode: (ids) => ids.map((id) => names[id] ?? String.fromCodePoint(id - 5)).join(''),
  tokenToId: (token) => {
    if (names.includes(token)) return names.indexOf(token);
    return [...token].length === 1 ? token.codePointAt(0)! + 5 : undefined;
  },
  idToToken: (id) => names[id] ?? String.fromCodePoint(id - 5),
  special: { cls, sep, mask, pad, unk },
  vocabularySize: 0x110005,
};
