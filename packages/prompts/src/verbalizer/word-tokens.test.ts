import type { Tokenizer } from '@ntk-lens/core';
import { describe, expect, test } from 'vitest';
import { byteLevelTokenizer } from '../testing/fixture.js';
import { MultiTokenLabelWordError, UnknownLabelWordError } from './label-word-errors.js';
import { createVerbalizer } from './verbalizer.js';

const byteLevel = byteLevelTokenizer();

/** Longest tokens first; `▁` for a space, and one is put before every text, as SentencePiece does. */
const sentencePiece = (words: readonly string[]): Tokenizer => {
  const vocabulary = ['<unk>', '▁', ...words];
  const encode = (text: string): number[] => {
    const ids: number[] = [];
    for (let rest = `▁${text.trim().replaceAll(' ', '▁')}`; rest !== ''; ) {
      const token = vocabulary.filter((word) => rest.startsWith(word)).sort((a, b) => b.length - a.length)[0];
      ids.push(token === undefined ? 0 : vocabulary.indexOf(token));
      rest = rest.slice(token?.length ?? 1);
    }
    return ids;
  };
  return {
    encode,
    decode: (ids) => ids.map((id) => vocabulary[id]).join(''),
    tokenToId: (token) => (vocabulary.includes(token) ? vocabulary.indexOf(token) : undefined),
    idToToken: (id) => vocabulary[id],
    special: { cls: -1, sep: -1, mask: -1, pad: -1, unk: 0 },
    vocabularySize: vocabulary.length,
  };
};
const pieces = (
  tokenizer: Tokenizer,
  words: readonly string[],
  rule: 'single' | 'first' | 'joint' = 'single',
) => {
  const mapping = Object.fromEntries(words.map((word, i) => [String(i), word]));
  return createVerbalizer(mapping, Object.keys(mapping), tokenizer, { rule }).words.map(
    (word) => word.pieces,
  );
};

describe('words of scripts without spaces', () => {
  const tokenizer = sentencePiece(['映', '画', '▁好', '好', '電影', 'ดี', 'x', 'y', 'xy']);

  test('are taken without the space that makes them two tokens', () => {
    expect(pieces(tokenizer, ['映', '画', '電影', 'ดี'])).toEqual([['映'], ['画'], ['電影'], ['ดี']]);
    expect(pieces(tokenizer, ['映', '画'], 'first')).toEqual([['映'], ['画']]);
  });

  test('are the token after a space where there is one, and the other one can be named', () => {
    expect(pieces(tokenizer, ['好', 'token:好'])).toEqual([['▁好'], ['好']]);
  });

  test('of several tokens do not begin with the mark alone', () => {
    expect(pieces(tokenizer, ['映画', '画映'], 'joint')).toEqual([
      ['映', '画'],
      ['画', '映'],
    ]);
  });

  test('are another thing than Latin words, which keep their space', () => {
    expect(() => pieces(tokenizer, ['xy', '映'])).toThrow(MultiTokenLabelWordError);
    expect(() => pieces(tokenizer, ['xy', '映'])).toThrow(/The vocabulary has "xy"; .*"token:xy"/);
  });
});

describe('words named as the vocabulary writes them', () => {
  test('are those tokens', () => {
    expect(pieces(byteLevel, ['Ġgreat', 'Ġterrible'])).toEqual([['Ġgreat'], ['Ġterrible']]);
    expect(pieces(sentencePiece(['▁good', 'good', '##ing', 'ing</w>']), ['▁good', 'token:good'])).toEqual([
      ['▁good'],
      ['good'],
    ]);
    const others = sentencePiece(['##ing', 'ing</w>', '##a', 'a</w>']);
    expect(pieces(others, ['##ing', 'ing</w>'])).toEqual([['##ing'], ['ing</w>']]);
  });

  test('that it does not have are refused under every rule, with those that are near', () => {
    for (const rule of ['single', 'first', 'joint'] as const) {
      expect(() => pieces(byteLevel, ['ĠGREAT', 'Ġterrible'], rule)).toThrow(UnknownLabelWordError);
      expect(() => pieces(byteLevel, ['ĠGREAT', 'Ġterrible'], rule)).toThrow(/has .*"Ġgreat"/);
      expect(() => pieces(byteLevel, ['token:nowhere'], rule)).toThrow(UnknownLabelWordError);
    }
  });

  test('are ordinary characters for a vocabulary without such marks', () => {
    expect(pieces(sentencePiece(['▁##x']), ['##x'])).toEqual([['▁##x']]);
  });
});
