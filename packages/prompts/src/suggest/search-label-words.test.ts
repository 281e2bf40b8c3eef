import { ndarray, type Tokenizer } from '@ntk-lens/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchLabelWords } from './search-label-words.js';
import { possibleWords, wordsOfLabel } from './whole-words.js';

const vocabulary = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  'bad',
  'good',
  '##ing',
  '7',
  'dull',
  'fine',
  'warm',
  'cold',
  'ham',
  'spam',
  'x',
  'билет',
];
/** Words are whole tokens, and all others unknown. */
const tokenizer: Tokenizer = {
  encode: (text) =>
    text
      .trim()
      .split(/\s+/)
      .map((word) => Math.max(vocabulary.indexOf(word), 1)),
  decode: (ids) => ids.map((id) => vocabulary[id]!.replace('##', '')).join(' '),
  tokenToId: (token) => (vocabulary.includes(token) ? vocabulary.indexOf(token) : undefined),
  idToToken: (id) => vocabulary[id],
  special: { pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 },
  vocabularySize: vocabulary.length,
};
const tokens = possibleWords(tokenizer);

/** Two texts of every label, and what a model says at their masks. */
const rows = fc.array(
  fc.record({
    label: fc.constantFrom('a', 'b', 'c'),
    values: fc.array(fc.integer({ min: -8, max: 0 }), { minLength: tokens.length, maxLength: tokens.length }),
  }),
  { minLength: 6, maxLength: 15 },
);

type Row = { readonly label: string; readonly values: readonly number[] };

const searched = (of: readonly Row[], names = [...new Set(of.map(({ label }) => label))]) =>
  searchLabelWords({
    logProbabilities: ndarray<'float64'>(Float64Array.from(of.flatMap(({ values }) => values)), [
      of.length,
      tokens.length,
    ]),
    ...{ tokens, names, tokenizer, labels: of.map(({ label }) => label) },
  });

it('words are tokens of letters that stand after a space', () => {
  expect(tokens.map(({ word }) => word)).toEqual([
    'bad',
    'good',
    'ing',
    'dull',
    'fine',
    'warm',
    'cold',
    'ham',
    'spam',
    'билет',
  ]);
  expect(wordsOfLabel('GoodHam', tokenizer).map(({ word }) => word)).toEqual(['good', 'ham']);
  expect(wordsOfLabel('not here', tokenizer)).toEqual([]);
  const [found] = searched([
    { label: 'a', values: tokens.map(({ word }) => (word === 'ing' ? 0 : word === 'bad' ? -1 : -5)) },
    { label: 'b', values: tokens.map(({ word }) => (word === 'good' ? -1 : -5)) },
  ]);
  expect(found).toMatchObject({ words: { a: 'bad', b: 'good' }, from: 'predicted', accuracy: 1 });
});

describe('the words that are found', () => {
  it('do not change with the order of the labels, and follow labels that are renamed', () => {
    fc.assert(
      fc.property(rows, (of) => {
        const names = [...new Set(of.map(({ label }) => label))];
        const wanted = searched(of);
        expect(searched(of, names.toReversed())).toEqual(wanted);
        const renamed = searched(of.map((row) => ({ ...row, label: `${'zyx'['abc'.indexOf(row.label)]}1` })));
        expect(renamed.map(({ words, ...rest }) => ({ ...rest, words: Object.values(words) }))).toEqual(
          wanted.map(({ words, ...rest }) => ({ ...rest, words: names.map((name) => words[name]) })),
        );
      }),
      { numRuns: 50 },
    );
  });
  it('are different for all labels, and go by the token id where all fit equally well', () => {
    fc.assert(
      fc.property(rows, (of) => {
        for (const { words } of searched(of))
          expect(new Set(Object.values(words)).size).toBe(Object.keys(words).length);
      }),
      { numRuns: 50 },
    );
    const same = ['b', 'a', 'b', 'a'].map((label) => ({ label, values: tokens.map(() => -2) }));
    expect(searched(same)[0]).toMatchObject({ words: { b: 'bad', a: 'good' }, logLikelihood: -Math.log(2) });
  });
});

it('predicted words are rated on examples that did not choose them, and the names of labels on all', () => {
  // Every text has a word of its own: what three quarters choose says nothing of the last.
  const own = Array.from({ length: 8 }, (_, i) => ({
    label: i % 2 ? 'ham' : 'spam',
    values: tokens.map((_, k) => (k === i ? 0 : -3)),
  }));
  const [first, second] = searched(own);
  expect(first).toMatchObject({ from: 'names', words: { ham: 'ham', spam: 'spam' } });
  expect(second!.from).toBe('predicted');
  expect(second!.logLikelihood).toBeLessThan(first!.logLikelihood);
});

it('a label without an example is refused', () => {
  expect(() => searched([{ label: 'a', values: tokens.map(() => 0) }], ['a', 'b'])).toThrow(
    /no example of b/,
  );
});
