import { BadArgumentError } from '@ntk-lens/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LoadedTokenizer } from './loaded-tokenizer.js';
import { loadTokenizer } from './node/load-tokenizer.js';
import { bertDirectory, fixtureJson, trainedFiles } from './testing/fixtures.js';

const strings = fixtureJson<string[]>('strings.json').slice(0, 400);
const tokenizers = new Map<string, LoadedTokenizer>();
const names = ['bert', 'byte-level', 'xlmr-like', 'albert-like', 'byte-fallback'] as const;

beforeAll(async () => {
  for (const name of names)
    tokenizers.set(name, await loadTokenizer(name === 'bert' ? bertDirectory : trainedFiles(name)));
});

const texts = fc.array(fc.oneof(fc.constantFrom(...strings), fc.string({ unit: 'binary', maxLength: 30 })), {
  maxLength: 6,
});

describe.each(names)('%s', (name) => {
  test('a batch without options is each text alone, and encode is encodeWithOffsets without offsets', () => {
    const tokenizer = tokenizers.get(name)!;
    fc.assert(
      fc.property(texts, (batch) => {
        const alone = batch.map((text) => tokenizer.encodeWithOffsets(text));
        const together = tokenizer.encodeBatch(batch);
        expect(together.ids).toEqual(alone.map((e) => e.ids));
        expect(together.offsets).toEqual(alone.map((e) => e.offsets));
        expect(together.ids).toEqual(batch.map((text) => tokenizer.encode(text)));
        expect(together.attentionMask).toEqual(alone.map((e) => e.ids.map(() => 1)));
        expect(tokenizer.encodeBatch(batch, { offsets: false }).ids).toEqual(together.ids);
      }),
    );
  });

  test('offsets lie in the text in order and never cut a character', () => {
    const tokenizer = tokenizers.get(name)!;
    for (const text of strings) {
      let last = 0;
      for (const [start, end] of tokenizer.encodeWithOffsets(text).offsets) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(text.length);
        expect(end).toBeGreaterThanOrEqual(last);
        for (const at of [start, end]) expect((text.charCodeAt(at) & 0xfc00) === 0xdc00).toBe(false);
        last = end;
      }
    }
  });

  test('padding, cutting and special tokens keep every row’s tokens', () => {
    const tokenizer = tokenizers.get(name)!;
    if (tokenizer.special.pad < 0) return;
    const options = fc.record({
      padding: fc.constantFrom(false, true, 'longest' as const, 'max-length' as const),
      truncation: fc.constantFrom(false, true, 'right' as const, 'left' as const),
      maxLength: fc.integer({ min: 2, max: 12 }),
      paddingSide: fc.constantFrom('right' as const, 'left' as const),
      addSpecialTokens: fc.boolean(),
    });
    fc.assert(
      fc.property(texts, options, (batch, option) => {
        const { before, after } = tokenizer;
        const result = tokenizer.encodeBatch(batch, option);
        for (const [i, text] of batch.entries()) {
          const extra = option.addSpecialTokens ? before.length + after.length : 0;
          const all = tokenizer.encode(text);
          const room =
            option.truncation === false ? all.length : Math.min(all.length, option.maxLength - extra);
          const kept = option.truncation === 'left' ? all.slice(all.length - room) : all.slice(0, room);
          const real = option.addSpecialTokens ? [...before, ...kept, ...after] : kept;
          const mask = result.attentionMask[i]!;
          expect(result.ids[i]!.filter((_, k) => mask[k] === 1)).toEqual(real);
          expect(
            result.ids[i]!.filter((_, k) => mask[k] === 0).every((id) => id === tokenizer.special.pad),
          ).toBe(true);
          expect(result.offsets[i]!.length).toBe(mask.length);
          const first = option.paddingSide === 'right' ? 0 : mask.length - real.length;
          expect(mask.slice(first, first + real.length).every((m) => m === 1)).toBe(true);
          if (option.padding === 'max-length')
            expect(mask.length).toBe(Math.max(option.maxLength, real.length));
        }
        if (option.padding === true || option.padding === 'longest')
          expect(new Set(result.ids.map((row) => row.length)).size).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test('ASCII offsets give back the tokens of WordPiece', () => {
  const text = 'An unbelievable   film, really!';
  const { tokens, offsets } = tokenizers.get('bert')!.encodeWithOffsets(text);
  expect(offsets.map(([start, end]) => text.slice(start, end).toLowerCase())).toEqual(
    tokens.map((token) => token.replace(/^##/, '')),
  );
});

test('a text may hold half a surrogate pair', () => {
  for (const tokenizer of tokenizers.values())
    expect(tokenizer.encode('a\ud800b')).toEqual(tokenizer.encode('a\ufffdb'));
});

test('a length is needed to cut, and a padding token to pad', async () => {
  const bert = tokenizers.get('bert')!;
  expect(() => bert.encodeBatch(['a'], { truncation: true })).toThrow(BadArgumentError);
  expect(() => bert.encodeBatch(['a'], { padding: 'max-length', maxLength: 1.5 })).toThrow(BadArgumentError);
  expect(() => bert.encodeBatch(['a'], { truncation: true, maxLength: 1, addSpecialTokens: true })).toThrow(
    /at least 2/,
  );
  const without = await loadTokenizer({ 'vocab.txt': '[UNK]\na\n' });
  expect(without.special.pad).toBe(-1);
  expect(() => without.encodeBatch(['a', 'b c'], { padding: true })).toThrow(/no padding token/);
});
