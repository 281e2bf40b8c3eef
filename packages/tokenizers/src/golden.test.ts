import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { sampled } from '@ntk-lens/testing/sampled';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { describe, expect, test } from 'vitest';
import type { LoadedTokenizer } from './loaded-tokenizer.js';
import { loadTokenizer } from './node/load-tokenizer.js';
import { bertDirectory, fixtureJson, trainedFiles } from './testing/fixtures.js';

interface Golden {
  readonly ids: readonly (readonly number[])[];
  readonly offsets: readonly number[];
  readonly decoded: readonly string[];
}

const DECODED_EVERY = 40;
const roberta = sharedPath('golden/models/tiny-roberta');
const present = hasShared('golden/models/tiny-roberta');
const strings = fixtureJson<string[]>('strings.json');

const expectEqual = (tokenizer: LoadedTokenizer, golden: Golden): void => {
  expect(golden.ids.length).toBe(strings.length);
  expect(strings.length).toBeGreaterThanOrEqual(10_000);
  const wrong: string[] = [];
  for (const i of sampled([...strings.keys()], 1_500)) {
    const text = strings[i]!;
    const expected = golden.ids[i]!.join();
    const tracked = tokenizer.encodeWithOffsets(text);
    if (tokenizer.encode(text).join() !== expected) wrong.push(`ids of ${JSON.stringify(text)}`);
    if (tracked.ids.join() !== expected) wrong.push(`ids with offsets of ${JSON.stringify(text)}`);
    if (crc32(tracked.offsets.map((o) => o.join()).join()) !== golden.offsets[i])
      wrong.push(`offsets of ${JSON.stringify(text)}`);
    if (i % DECODED_EVERY === 0 && tokenizer.decode(golden.ids[i]!) !== golden.decoded[i / DECODED_EVERY])
      wrong.push(`decoded ${JSON.stringify(text)}`);
  }
  expect(wrong).toEqual([]);
};

describe('12,000 generated strings: ids, offsets and decoded text equal Hugging Face', () => {
  test('WordPiece, uncased, from tokenizer.json', async () => {
    expectEqual(await loadTokenizer(bertDirectory), fixtureJson('bert-uncased.golden.json'));
  });

  test('WordPiece, cased, from vocab.txt', async () => {
    const vocabulary = readFileSync(`${bertDirectory}/vocab.txt`);
    const files = { 'vocab.txt': vocabulary, 'tokenizer_config.json': '{"do_lower_case": false}' };
    expectEqual(await loadTokenizer(files), fixtureJson('bert-cased.golden.json'));
  });

  test.each([
    ['byte-level', 'byte-level BPE with a prefix space and added tokens of all kinds'],
    ['albert-like', 'Unigram, ALBERT: NFKD, accents off, lower case, charsmap'],
    ['xlmr-like', 'Unigram, XLM-RoBERTa: charsmap, WhitespaceSplit and Metaspace'],
    ['byte-fallback', 'Unigram with byte fallback, one piece, prefix on the first only'],
  ])('%s: %s', async (name) => {
    expectEqual(await loadTokenizer(trainedFiles(name)), fixtureJson(`${name}.golden.json`));
  });

  test.skipIf(!present)('byte-level BPE with RoBERTa’s vocabulary (needs ../shared)', async () => {
    expectEqual(await loadTokenizer(roberta), fixtureJson('roberta.golden.json'));
  });
});

describe('golden strings of ../shared', () => {
  const cases = [
    ['roberta', roberta],
    ['bert', sharedPath('golden/models/bert-uncased-tokenizer')],
    ['bert', bertDirectory],
  ] as const;
  test.skipIf(!present).each(cases)('%s %#', async (name, directory) => {
    const golden = JSON.parse(readFileSync(sharedPath(`golden/tokenizers/${name}.json`), 'utf8')) as {
      text: string;
      ids: number[];
    }[];
    const tokenizer = await loadTokenizer(directory);
    expect(golden.length).toBe(300);
    expect(golden.map(({ text }) => tokenizer.encode(text))).toEqual(golden.map(({ ids }) => ids));
  });
});
