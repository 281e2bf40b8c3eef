import { isError } from '@ntk-lens/core';
import { describe, expect, test } from 'vitest';
import { UnsupportedTokenizerClassError } from '../errors.js';
import { loadTokenizer } from '../node/load-tokenizer.js';
import { SMALL } from '../testing/small-tokenizers.js';

const BERT_WORDS = '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\nfilm\n';
const BYTES = {
  'vocab.json': JSON.stringify({ '<s>': 0, '</s>': 1, '<pad>': 2, '<unk>': 3, a: 4, b: 5, ab: 6, Ġ: 7 }),
  'merges.txt': '#version: 0.2\na b\n',
};
const json = (value: unknown): string => JSON.stringify(value);
const small = (name: string, parts: Readonly<Record<string, unknown>> = {}): string =>
  json({ ...(SMALL[name] as object), ...parts });

const OWN = [
  'BertJapaneseTokenizer',
  'PhobertTokenizer',
  'BertweetTokenizer',
  'CanineTokenizer',
  'ByT5Tokenizer',
];
const MORE = [
  'CpmTokenizerFast',
  'RoFormerTokenizerFast',
  'EsmTokenizer',
  'MyJumanppTokenizer',
  'MarianTokenizer',
];

describe.each([...OWN, ...MORE])('%s', (name) => {
  test.each([
    ['tokenizer_config.json', { 'vocab.txt': BERT_WORDS }],
    ['config.json', { 'vocab.txt': BERT_WORDS }],
    ['config.json', BYTES],
    ['tokenizer_config.json', { 'tokenizer.json': small('wordPiece') }],
  ])('named in %s is refused by its name', async (file, files) => {
    const error: unknown = await loadTokenizer({ ...files, [file]: json({ tokenizer_class: name }) }).catch(
      (e) => e,
    );
    expect(isError(error, UnsupportedTokenizerClassError)).toBe(true);
    expect(String(error)).toContain(name);
    expect(String(error)).toContain(file);
  });
});

test.each([
  ['a class that reads other vocabularies', { tokenizer_class: 'XLNetTokenizer' }, {}],
  ['byte pairs that are not bytes', { tokenizer_class: 'HerbertTokenizerFast' }, {}],
  ['a class for the other files', { tokenizer_class: 'BertTokenizer' }, {}],
  ['code of the repository', { auto_map: { AutoTokenizer: ['code.MyTokenizer', null] } }, {}],
  [
    'code with a class of its own',
    { tokenizer_class: 'MyTokenizer', auto_map: { AutoTokenizer: ['c.M', null] } },
    {},
  ],
  ['a splitter of words', { word_tokenizer_type: 'mecab' }, {}],
  ['special tokens taken apart', { split_special_tokens: true }, {}],
  ['a kind of model', {}, { model_type: 'xlm' }],
  [
    'a kind of model with a generic class',
    { tokenizer_class: 'PreTrainedTokenizerFast' },
    { model_type: 'clip' },
  ],
])('%s is refused', async (_, config, model) => {
  const files = { ...BYTES, 'tokenizer_config.json': json(config), 'config.json': json(model) };
  await expect(loadTokenizer(files)).rejects.toThrow(UnsupportedTokenizerClassError);
});

test.each([
  'PreTrainedTokenizerFast',
  'TokenizersBackend',
  'Qwen2TokenizerFast',
  'ClaudeTokenizer',
  undefined,
])('with the class %s tokenizer.json decides', async (tokenizer_class) => {
  const tokenizer = await loadTokenizer({
    'tokenizer.json': small('bytePair'),
    'tokenizer_config.json': json({ tokenizer_class, auto_map: undefined }),
    'config.json': json({ model_type: 'anything' }),
  });
  expect(tokenizer.encode('aaaa')).toEqual(
    (await loadTokenizer({ 'tokenizer.json': small('bytePair') })).encode('aaaa'),
  );
});

test('do_lower_case counts for the classes of BERT alone', async () => {
  const ids = async (tokenizer_class: string): Promise<number[]> => {
    const config = json({ tokenizer_class, do_lower_case: false });
    return (
      await loadTokenizer({ 'tokenizer.json': small('wordPiece'), 'tokenizer_config.json': config })
    ).encode('HELLO');
  };
  expect(await ids('BertTokenizer')).toEqual([0]);
  expect(await ids('PreTrainedTokenizerFast')).toEqual([5]);
});

test('the class tells GPT-2 from RoBERTa, whatever the vocabulary has', async () => {
  const around = async (config: object, model: object = {}) => {
    const files = { ...BYTES, 'tokenizer_config.json': json(config), 'config.json': json(model) };
    const { before, after } = await loadTokenizer(files);
    return [before, after];
  };
  expect(await around({ tokenizer_class: 'RobertaTokenizer' })).toEqual([[0], [1]]);
  expect(await around({ tokenizer_class: 'GPT2Tokenizer' })).toEqual([[], []]);
  expect(await around({}, { model_type: 'opt' })).toEqual([[], []]);
  expect(await around({})).toEqual([[0], [1]]);
  const opt = { tokenizer_class: 'GPT2Tokenizer', add_bos_token: true, bos_token: '</s>' };
  expect(await around(opt)).toEqual([[1], []]);
});

test('what is put around a text is what tokenizer.json says, as in transformers 5', async () => {
  const around = async (options: object) => {
    const config = { tokenizer_class: 'LlamaTokenizer', bos_token: '<mask>', eos_token: 'a', ...options };
    const files = { 'tokenizer.json': small('bytePair'), 'tokenizer_config.json': json(config) };
    const { before, after } = await loadTokenizer(files);
    return [before, after];
  };
  for (const options of [{}, { add_bos_token: true, add_eos_token: true }, { add_bos_token: false }])
    expect(await around(options)).toEqual([[2], []]);
});

test('options that make another tokenizer.json are refused by their name', async () => {
  const load = (parts: object, config: object) =>
    loadTokenizer({
      'tokenizer.json': small('unigram', { ...parts }),
      'tokenizer_config.json': json(config),
    });
  const llama = { tokenizer_class: 'LlamaTokenizer', add_prefix_space: false };
  await expect(load({}, llama)).rejects.toThrow(/at add_prefix_space/);
  await load({ normalizer: null, pre_tokenizer: null }, llama);
  await expect(load({}, { src_lang: 'de_DE' })).rejects.toThrow(/at src_lang/);
});

test('tokens that tokenizer_config.json lists by id are recognized, with the options it gives them', async () => {
  const tokenizer = await loadTokenizer({
    'tokenizer.json': small('wordPiece'),
    'tokenizer_config.json': json({
      added_tokens_decoder: {
        1: { content: '<mask>', lstrip: false, special: true },
        7: { content: '<new>', special: true, normalized: false },
      },
    }),
  });
  expect(tokenizer.encodeWithOffsets('a  <mask><new>')).toMatchObject({
    ids: [2, 1, 7],
    offsets: [
      [0, 1],
      [3, 9],
      [9, 14],
    ],
  });
});

test.each([
  ['additional_special_tokens', ['hello', { content: '!', lstrip: true }]],
  ['extra_special_tokens', { one: 'hello', two: { content: '!', lstrip: true } }],
])('%s of the vocabulary are recognized inside of words', async (key, value) => {
  const tokenizer = await loadTokenizer({
    'tokenizer.json': small('wordPiece', { normalizer: null }),
    'tokenizer_config.json': json({ [key]: value }),
  });
  expect(tokenizer.encode('ahelloa !')).toEqual([2, 5, 2, 4]);
});

test.each([
  ['PreTrainedTokenizerFast', undefined, [true, false]],
  ['PreTrainedTokenizerFast', false, [true, false]],
  ['TokenizersBackend', true, [true, false]],
  ['GPT2TokenizerFast', undefined, [false, false]],
  ['RobertaTokenizer', true, [true, true]],
  ['BartTokenizer', false, [false, false]],
  [undefined, true, [true, true]],
  [undefined, undefined, [true, false]],
] as const)('the class %s with add_prefix_space %s', async (tokenizer_class, option, expected) => {
  // transformers 5.24 puts a space before a text alike, where tokenizer.json says true, and where it says false.
  const found = await Promise.all(
    [true, false].map(async (own) => {
      const tokenizer = await loadTokenizer({
        'tokenizer.json': small('bytePair', {
          pre_tokenizer: { type: 'ByteLevel', add_prefix_space: own, trim_offsets: true, use_regex: true },
        }),
        'tokenizer_config.json': json({ tokenizer_class, add_prefix_space: option }),
      });
      return tokenizer.decode([...tokenizer.encode('a')]) !== 'a';
    }),
  );
  expect(found).toEqual(expected);
});
