import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isError } from '@ntk-lens/core';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenizerFilesMissingError } from '../errors.js';
import { loadTokenizer } from '../node/load-tokenizer.js';
import { bertDirectory, fixtureJson, fixtureText, trainedFiles } from '../testing/fixtures.js';

const strings = fixtureJson<string[]>('strings.json').slice(0, 700);
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tokenizer-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

interface BytePairFile {
  readonly model: {
    readonly vocab: Record<string, number>;
    readonly merges: readonly (readonly [string, string])[];
  };
}

const separateFiles = (extra: Readonly<Record<string, number>> = {}) => {
  const { model } = JSON.parse(fixtureText('byte-level.tokenizer.json')) as BytePairFile;
  const vocabulary = { ...model.vocab, ...extra };
  return {
    'vocab.json': JSON.stringify(vocabulary),
    'merges.txt': `#version: 0.2\n${model.merges.map((pair) => pair.join(' ')).join('\n')}\n`,
  };
};

test('a tokenizer.json of WordPiece with RoBERTa’s special tokens, as MPNet has it, gives the ids of transformers', async () => {
  const words = (await readFile(join(bertDirectory, 'vocab.txt'), 'utf8')).split('\n').filter(Boolean);
  const vocab = Object.fromEntries(
    ['<s>', '<pad>', '</s>', '<unk>', ...words, '<mask>'].map((word, id) => [word, id]),
  );
  const special = ['<s>', '<pad>', '</s>', '[UNK]', '<mask>'].map((content) => {
    const lstrip = content === '<mask>';
    return { id: vocab[content], content, lstrip, rstrip: false, single_word: false, normalized: false };
  });
  const model = { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##' };
  const tokenizer = await loadTokenizer({
    'tokenizer.json': JSON.stringify({
      added_tokens: special.map((token) => ({ ...token, special: true })),
      normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: { type: 'RobertaProcessing', sep: ['</s>', 2], cls: ['<s>', 0] },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: { ...model, max_input_chars_per_word: 100, vocab },
    }),
    'tokenizer_config.json': JSON.stringify({
      ...{ tokenizer_class: 'MPNetTokenizer', cls_token: '<s>', sep_token: '</s>' },
      ...{ pad_token: '<pad>', mask_token: '<mask>', unk_token: '[UNK]' },
    }),
  });
  // MPNetTokenizer of transformers 5.18 with this vocabulary.
  const golden = {
    'Hello world, it was <mask> .': [7596, 2092, 1014, 2013, 2005, 30526, 1016],
    'ÀÉ naïve café': [29351, 15747, 7672],
    'unbelievable! <s> x </s>': [23657, 1003, 0, 1064, 2],
    '中文 mixed text 123': [1750, 1865, 3820, 3797, 13142],
  };
  for (const [text, ids] of Object.entries(golden)) expect(tokenizer.encode(text)).toEqual(ids);
  expect(tokenizer.special).toEqual({ cls: 0, sep: 2, mask: 30526, pad: 1, unk: 104 });
  expect([tokenizer.before, tokenizer.after]).toEqual([[0], [2]]);
});

describe('directories without tokenizer.json', () => {
  test('vocab.txt alone equals tokenizer.json (BERT, uncased by default)', async () => {
    await writeFile(join(directory, 'vocab.txt'), await readFile(join(bertDirectory, 'vocab.txt')));
    const alone = await loadTokenizer(directory);
    const whole = await loadTokenizer(bertDirectory);
    for (const text of strings) expect(alone.encodeWithOffsets(text)).toEqual(whole.encodeWithOffsets(text));
    expect(alone.special).toEqual({ cls: 101, sep: 102, mask: 103, pad: 0, unk: 100 });
    expect([alone.before, alone.after]).toEqual([[101], [102]]);
  });

  test('vocab.json and merges.txt equal tokenizer.json (byte-level)', async () => {
    const { 'tokenizer.json': json } = trainedFiles('byte-level');
    const listed = JSON.parse(String(json)) as { added_tokens: { content: string }[] };
    listed.added_tokens = listed.added_tokens.slice(0, 4);
    const whole = await loadTokenizer({ 'tokenizer.json': JSON.stringify(listed) });
    const files = { ...separateFiles(), 'tokenizer_config.json': '{"add_prefix_space": true}' };
    const alone = await loadTokenizer(files);
    for (const text of strings) expect(alone.encodeWithOffsets(text)).toEqual(whole.encodeWithOffsets(text));
    expect(alone.special).toEqual({ cls: 0, sep: 2, mask: -1, pad: 1, unk: 3 });
  });

  const roberta = sharedPath('golden/models/tiny-roberta');
  test.skipIf(!hasShared('golden/models/tiny-roberta'))(
    'RoBERTa’s vocab.json and merges.txt give its ids (needs ../shared)',
    async () => {
      const golden = fixtureJson<{ ids: number[][] }>('roberta.golden.json');
      const alone = await loadTokenizer({
        'vocab.json': await readFile(`${roberta}/vocab.json`),
        'merges.txt': await readFile(`${roberta}/merges.txt`),
      });
      for (const [i, text] of strings.entries()) expect(alone.encode(text)).toEqual(golden.ids[i]);
      expect(alone.special).toEqual({ cls: 0, sep: 2, mask: 50264, pad: 1, unk: 3 });
    },
  );

  test('a vocabulary without <s> is GPT-2’s: <|endoftext|> for all but the mask', async () => {
    const files = separateFiles({ '<|endoftext|>': 1500 });
    const renamed = files['vocab.json']
      .replace('"<s>"', '"<x>"')
      .replace('"</s>"', '"</x>"')
      .replace('"<pad>"', '"<p>"')
      .replace('"<unk>"', '"<u>"');
    const gpt = await loadTokenizer({ ...files, 'vocab.json': renamed });
    expect(gpt.special).toEqual({ cls: 1500, sep: 1500, mask: -1, pad: 1500, unk: 1500 });
    expect(gpt.encode('a<|endoftext|>')).toEqual([...gpt.encode('a'), 1500]);
  });

  test('added_tokens.json and special tokens of the configuration are recognized in texts', async () => {
    const tokenizer = await loadTokenizer({
      ...separateFiles(),
      'added_tokens.json': '{"<extra>": 1500, "<mask>": 1501}',
      'special_tokens_map.json': '{"mask_token": {"content": "<mask>", "lstrip": true}}',
    });
    expect(tokenizer.special.mask).toBe(1501);
    expect(tokenizer.encode('<extra>  <mask>')).toEqual([1500, 1501]);
    expect(tokenizer.vocabularySize).toBe(1502);
  });
});

test('tokenizer_config.json overrides the case of BERT', async () => {
  const json = await readFile(join(bertDirectory, 'tokenizer.json'));
  const cased = await loadTokenizer({
    'tokenizer.json': json,
    'tokenizer_config.json': '{"do_lower_case": false}',
  });
  expect(cased.encode('Film')).toEqual([cased.special.unk]);
});

test('a special token of the configuration that tokenizer.json does not list is its own id', async () => {
  const json = JSON.parse(await readFile(join(bertDirectory, 'tokenizer.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  json['added_tokens'] = [];
  const files = {
    'tokenizer.json': JSON.stringify(json),
    'tokenizer_config.json': '{"mask_token": "[MASK]"}',
  };
  expect((await loadTokenizer(files)).encode('a [MASK]')).toEqual([1037, 103]);
});

test('missing files are listed', async () => {
  const error: unknown = await loadTokenizer({ 'vocab.json': '{}' }).catch((e: unknown) => e);
  expect(isError(error, TokenizerFilesMissingError)).toBe(true);
  expect(String(error)).toMatch(
    /found vocab\.json; expected tokenizer\.json, or vocab\.json and merges\.txt, or vocab\.txt/,
  );
  await expect(loadTokenizer(join(directory, 'nowhere'))).rejects.toThrow(TokenizerFilesMissingError);
});
