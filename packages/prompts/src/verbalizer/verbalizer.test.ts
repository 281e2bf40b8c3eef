import { BadArgumentError, type Tokenizer } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { characterTokenizer } from '../testing/character-tokenizer.js';
import { byteLevelTokenizer } from '../testing/fixture.js';
import { labelReads } from './label-reads.js';
import { labelScores, tokenLogProbability } from './label-scores.js';
import {
  DuplicateLabelWordError,
  MissingLabelsError,
  MultiTokenLabelWordError,
  UnknownLabelWordError,
} from './label-word-errors.js';
import { createVerbalizer, type LabelWordRule } from './verbalizer.js';

const tokenizer = byteLevelTokenizer();

test('a word is the token of the word after a space, in label order', () => {
  const verbalizer = createVerbalizer(
    { neg: 'terrible', pos: 'great', more: 'no' },
    ['pos', 'neg'],
    tokenizer,
  );
  expect(verbalizer.words.map(({ label, word, pieces }) => [label, word, pieces])).toEqual([
    ['pos', 'great', ['Ġgreat']],
    ['neg', 'terrible', ['Ġterrible']],
  ]);
  expect(verbalizer.labelWordIds).toEqual(['Ġgreat', 'Ġterrible'].map((token) => tokenizer.tokenToId(token)));
  expect(JSON.parse(JSON.stringify(verbalizer))).toEqual(verbalizer);
});

test('a word that starts with one of < [ . , is a token as it stands', () => {
  const { words } = createVerbalizer(
    { a: '.', b: ',', c: '<mask>', d: '[' },
    ['a', 'b', 'c', 'd'],
    tokenizer,
  );
  expect(words.map(({ pieces }) => pieces)).toEqual([['.'], [','], ['<mask>'], ['[']]);
});

test('a word of several tokens is refused with its pieces', () => {
  const create = () => createVerbalizer({ a: 'great', b: 'reader' }, ['a', 'b'], tokenizer);
  expect(create).toThrow(MultiTokenLabelWordError);
  const pieces = tokenizer.encode(' reader').map((id) => JSON.stringify(tokenizer.idToToken(id)));
  expect(pieces.length).toBeGreaterThan(1);
  expect(create).toThrow(`(${pieces.join(', ')})`);
  expect(() => createVerbalizer({ a: '<nope>' }, ['a'], tokenizer)).toThrow(MultiTokenLabelWordError);
});

test('labels without a word are all listed', () => {
  const create = () => createVerbalizer({ a: 'great', toString: 'no' }, ['a', 'b', 'valueOf'], tokenizer);
  expect(create).toThrow(MissingLabelsError);
  expect(create).toThrow('"b", "valueOf"');
});

test('words that cannot be distinguished are refused', () => {
  const create = (a: string, b: string, rule: LabelWordRule) => () =>
    createVerbalizer({ a, b }, ['a', 'b'], tokenizer, { rule });
  expect(create('great', 'great', 'single')).toThrow(DuplicateLabelWordError);
  expect(create('great', 'greatness', 'first')).toThrow(DuplicateLabelWordError);
  expect(create('great', 'greatness', 'joint')).not.toThrow();
  expect(create('greatness', 'greatness', 'mean')).toThrow(DuplicateLabelWordError);
});

test('words that are not in the vocabulary are refused', () => {
  const limited: Tokenizer = {
    ...tokenizer,
    encode: (text) => (text === ' odd' ? [tokenizer.special.unk] : tokenizer.encode(text)),
  };
  expect(() => createVerbalizer({ a: 'odd' }, ['a'], limited)).toThrow(UnknownLabelWordError);
  for (const word of ['', ' '])
    expect(() => createVerbalizer({ a: word }, ['a'], tokenizer)).toThrow(UnknownLabelWordError);
  expect(() => createVerbalizer({}, [], tokenizer)).toThrow(BadArgumentError);
});

const words = { a: 'x', b: 'yz', c: 'yw' };
const characters: Tokenizer = {
  ...characterTokenizer,
  encode: (text) => characterTokenizer.encode(text.trim()),
};
const verbalizer = (rule: LabelWordRule) => createVerbalizer(words, ['a', 'b', 'c'], characters, { rule });
const ids = (text: string) => characterTokenizer.encode(text);

test('the rule first would confuse yz and yw, joint reads every token', () => {
  expect(() => verbalizer('first')).toThrow(DuplicateLabelWordError);
  expect(labelReads(verbalizer('joint'))).toEqual([
    { maskCount: 1, labels: [{ label: 0, ids: ids('x') }] },
    {
      maskCount: 2,
      labels: [
        { label: 1, ids: ids('yz') },
        { label: 2, ids: ids('yw') },
      ],
    },
  ]);
});

test('single and first read one token per label in one prompt', () => {
  const first = createVerbalizer({ a: 'xy', b: 'zw' }, ['a', 'b'], characters, { rule: 'first' });
  expect(labelReads(first)).toEqual([
    {
      maskCount: 1,
      labels: [
        { label: 0, ids: ids('x') },
        { label: 1, ids: ids('z') },
      ],
    },
  ]);
  expect(labelScores(first, [[-1], [-2]])).toEqual([-1, -2]);
});

test('joint adds log-probabilities, mean divides by the number of tokens', () => {
  const read = [[-1], [-2, -3], [-1, -0.5]];
  expect(labelScores(verbalizer('joint'), read)).toEqual([-1, -5, -1.5]);
  expect(labelScores(verbalizer('mean'), read)).toEqual([-1, -2.5, -0.75]);
  expect(() => labelScores(verbalizer('mean'), [[-1], [-2], [-1]])).toThrow(BadArgumentError);
  expect(() => labelScores(verbalizer('mean'), [[-1]])).toThrow(BadArgumentError);
});

test('token log-probabilities are a log softmax, also for large logits', () => {
  const logits = Float32Array.of(1000, 1001, 999);
  const total = [0, 1, 2].reduce((sum, id) => sum + Math.exp(tokenLogProbability(logits, id)), 0);
  expect(total).toBeCloseTo(1, 12);
  expect(tokenLogProbability(logits, 1) - tokenLogProbability(logits, 0)).toBeCloseTo(1, 12);
  expect(() => tokenLogProbability(logits, 3)).toThrow(BadArgumentError);
});
