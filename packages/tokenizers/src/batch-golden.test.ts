import { expect, test } from 'vitest';
import { loadTokenizer } from './node/load-tokenizer.js';
import { bertDirectory, fixtureJson, trainedFiles } from './testing/fixtures.js';
import type { BatchEncoding, EncodeBatchOptions } from './text-encoding.js';

interface Case extends BatchEncoding {
  readonly tokenizer: string;
  readonly options: EncodeBatchOptions;
  /** Place of the batch in the generated strings. */
  readonly first: number;
}

const { batch, cases } = fixtureJson<{ batch: number; cases: Case[] }>('batches.golden.json');
const strings = fixtureJson<string[]>('strings.json');

test.each([...new Set(cases.map(({ tokenizer }) => tokenizer))])(
  '%s: batches padded, cut and with special tokens equal Hugging Face',
  async (name) => {
    const tokenizer = await loadTokenizer(name === 'bert' ? bertDirectory : trainedFiles(name));
    const own = cases.filter((golden) => golden.tokenizer === name);
    expect(own.length).toBeGreaterThanOrEqual(90);
    for (const { options, first, ids, attentionMask, offsets } of own) {
      const found = tokenizer.encodeBatch(strings.slice(first, first + batch), options);
      expect(found, JSON.stringify({ options, first })).toEqual({ ids, attentionMask, offsets });
    }
  },
);
