import { BadArgumentError, isNtkLensError } from '@ntk-lens/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTemplate } from '../template/parse-template.js';
import { BadIndexError, SentenceAfterMaskError } from '../template/template-errors.js';
import { arbitrarySource, arbitraryTemplate, arbitraryText } from '../testing/arbitrary-template.js';
import { characterTokenizer as tokenizer } from '../testing/character-tokenizer.js';
import type { EncodedPrompt } from './alignment.js';
import { compileTemplate, encodePrompt } from './encode-prompt.js';
import { encodeWithoutPrompt } from './encode-without-prompt.js';
import { EmptyPromptError, MaskTruncatedError, MissingSpecialTokenError } from './prompt-errors.js';
import type { EncodePromptOptions } from './prompt-options.js';

const { cls, sep, mask } = tokenizer.special;
const shown = (prompt: EncodedPrompt) => tokenizer.decode(prompt.inputIds);
const labelWordIds = [tokenizer.encode('N')[0]!, tokenizer.encode('Y')[0]!];

test('a template is rendered piece by piece', () => {
  const encoded = encodePrompt(
    '*cls**sent-_0*?*mask*,*+sentl_1**sep+*',
    ['It rains.', 'The street.'],
    tokenizer,
  );
  expect(shown(encoded)).toBe('<cls>It rains?<mask>, the street.<sep>');
  expect(encoded.inputIds[encoded.position]).toBe(mask);
  expect(encoded.tokenTypeIds).toBeUndefined();
});

test('dropping the last character and changing the first go by code points', () => {
  const render = (piece: string, text: string) =>
    shown(encodePrompt(`*${piece}_0**mask*`, [text], tokenizer)).slice(0, -'<mask>'.length);
  expect(render('sent-', 'tulip 🌷')).toBe('tulip ');
  expect(render('sent-', '')).toBe('');
  expect(render('sentu', 'ßa')).toBe('SSa');
  expect(render('sentl', 'İA')).toBe('i̇A');
  expect(render('sentl-', 'A')).toBe('');
  expect(render('+sentl', 'AB')).toBe(' aB');
});

test('a literal of one character is looked up as a token, a longer one is encoded', () => {
  const merging = {
    ...tokenizer,
    encode: (text: string) => tokenizer.encode(`▁${text}`),
    tokenToId: (token: string) => (token === '?' ? undefined : tokenizer.tokenToId(token)),
  };
  expect(shown(encodePrompt('!*mask*?', [], merging))).toBe('!<mask><unk>');
  expect(shown(encodePrompt('so_*mask*', [], merging))).toBe('▁so <mask>');
});

test('segment ids rise after each sep+', () => {
  const { tokenTypeIds } = encodePrompt('*cls*ab*sep+**mask**sep*c*sep+*d', [], tokenizer, {
    segmentIds: true,
  });
  expect(tokenTypeIds).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2]);
});

describe('too long a prompt', () => {
  const template = '*cls**sent_0*_is*mask*.*sep*';
  test('is refused when the cut would lose the mask', () => {
    for (const truncateHead of [false, true]) {
      expect(() => encodePrompt(template, ['abcdef'], tokenizer, { maxLength: 2, truncateHead })).toThrow(
        MaskTruncatedError,
      );
    }
    expect(() => encodePrompt(template, ['abcdef'], tokenizer, { maxLength: 10 })).toThrow(/13 tokens.*10/);
  });
  test('is cut at the tail, or at the head', () => {
    expect(shown(encodePrompt(template, ['abcdef'], tokenizer, { maxLength: 11 }))).toBe(
      '<cls>abcdef is<mask>',
    );
    const options = { maxLength: 6, truncateHead: true };
    const encoded = encodePrompt(template, ['abcdef'], tokenizer, options);
    expect(shown(encoded)).toBe(' is<mask>.<sep>');
    expect(encoded.position).toBe(3);
  });
  test('keeps its mask by a sentence limit', () => {
    const encoded = encodePrompt(template, ['abcdef'], tokenizer, { maxLength: 9, firstSentenceLimit: 2 });
    expect(shown(encoded)).toBe('<cls>ab is<mask>.<sep>');
    const sentence = encoded.segments.find(({ piece }) => piece.kind === 'sentence')!;
    expect(sentence.omissions).toEqual([
      { reason: 'sentence-limit', side: 'tail', ids: tokenizer.encode('cdef') },
    ]);
  });
});

test("a mask written out in a text is not taken for the template's, unless asked for", () => {
  const encode = (readMask: 'template' | 'first') =>
    encodePrompt('*cls**sent_0**mask*', ['a<mask>'], tokenizer, { readMask }).position;
  expect(encode('template')).toBe(3);
  expect(encode('first')).toBe(2);
});

test('several masks, for label words of several tokens', () => {
  const encoded = encodePrompt('*cls*so*mask*.', [], tokenizer, { maskCount: 3 });
  expect(encoded.inputIds.slice(3, 6)).toEqual([mask, mask, mask]);
  expect(encoded.readPositions).toEqual([3, 4, 5]);
  expect(() => encodePrompt('*cls*so*mask*.', [], tokenizer, { maskCount: 3, maxLength: 5 })).toThrow(
    MaskTruncatedError,
  );
});

describe('a causal model', () => {
  const causal = { objective: 'causal' } as const;
  test('reads the last token before the mask, and nothing after it', () => {
    const encoded = encodePrompt('*sent_0*_is*mask*.*sep*', ['ab'], tokenizer, causal);
    expect(shown(encoded)).toBe('ab is');
    expect(encoded.position).toBe(4);
    expect(encoded.segments.map(({ omissions }) => omissions[0]?.reason)).toEqual([
      undefined,
      undefined,
      undefined,
      'after-mask',
      'after-mask',
    ]);
  });
  test('needs its sentences and at least one token before the mask', () => {
    expect(() => encodePrompt('*cls**mask*:*sent_0*', ['ab'], tokenizer, causal)).toThrow(
      SentenceAfterMaskError,
    );
    expect(() => encodePrompt('*sent_0**mask*', [''], tokenizer, causal)).toThrow(EmptyPromptError);
  });
  test('never loses its place silently', () => {
    expect(() => encodePrompt('*sent_0*:*mask*', ['abc'], tokenizer, { ...causal, maxLength: 3 })).toThrow(
      MaskTruncatedError,
    );
    const options = { ...causal, maxLength: 3, truncateHead: true };
    expect(shown(encodePrompt('*sent_0*:*mask*', ['abc'], tokenizer, options))).toBe('bc:');
  });
  test('needs no mask token', () => {
    const gpt = { ...tokenizer, special: { ...tokenizer.special, mask: -1 } };
    expect(encodePrompt('*sent_0*:*mask*', ['abc'], gpt, causal).position).toBe(3);
    expect(() => encodePrompt('*sent_0*:*mask*', ['abc'], gpt)).toThrow(MissingSpecialTokenError);
  });
});

test('bad options are refused by name', () => {
  for (const options of [
    { maxLength: 0 },
    { maxLength: Number.NaN },
    { firstSentenceLimit: -1 },
    { otherSentenceLimit: 1.5 },
    { maskCount: 0 },
  ]) {
    expect(() => compileTemplate('*mask*', tokenizer, options)).toThrow(BadArgumentError);
  }
  expect(() => encodePrompt('*label_2**mask*', [], tokenizer, { labelWordIds })).toThrow(BadIndexError);
  expect(() => encodePrompt('*labelx_0**mask*', [], tokenizer, { labelWordIds, supportLabels: [7] })).toThrow(
    BadArgumentError,
  );
  expect(() => encodeWithoutPrompt(['a'], tokenizer, { maxLength: -3 })).toThrow(BadArgumentError);
});

test('without a prompt: cls s0 sep s1 sep, position 0', () => {
  const encoded = encodeWithoutPrompt(['ab', 'c'], tokenizer, { segmentIds: true });
  expect(shown(encoded)).toBe('<cls>ab<sep>c<sep>');
  expect(encoded.tokenTypeIds).toEqual([0, 0, 0, 0, 1, 1]);
  expect(encoded.position).toBe(0);
  expect(encodeWithoutPrompt(['ab'], tokenizer, { objective: 'causal' }).position).toBe(3);
  expect([cls, sep]).toEqual([encoded.inputIds[0], encoded.inputIds.at(-1)]);
});

const arbitraryOptions: fc.Arbitrary<EncodePromptOptions> = fc.record(
  {
    maxLength: fc.integer({ min: 1, max: 60 }),
    firstSentenceLimit: fc.nat(20),
    otherSentenceLimit: fc.nat(20),
    truncateHead: fc.boolean(),
    segmentIds: fc.constant(true),
    maskCount: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);
const labels = { labelWordIds, supportLabels: [1] };

test('alignment covers every token once; limits hold; the mask is there or an error says so', () => {
  const texts = fc.array(arbitraryText, { minLength: 2, maxLength: 2 });
  let encodedCount = 0;
  fc.assert(
    fc.property(arbitraryTemplate(2), texts, arbitraryOptions, (source, input, options) => {
      const { maxLength: _, firstSentenceLimit: __, otherSentenceLimit: ___, ...free } = options;
      const whole = encodePrompt(source, input, tokenizer, { ...labels, ...free });
      let encoded: EncodedPrompt;
      try {
        encoded = encodePrompt(source, input, tokenizer, { ...labels, ...options });
      } catch (error) {
        expect(error).toBeInstanceOf(MaskTruncatedError);
        expect(whole.inputIds.length).toBeGreaterThan(options.maxLength ?? 0);
        return;
      }
      encodedCount++;
      const { inputIds, segments, position, readPositions } = encoded;
      expect(segments.map(({ piece }) => piece)).toEqual(parseTemplate(source).pieces);
      expect(segments.flatMap(({ ids }) => ids)).toEqual(inputIds);
      let next = 0;
      for (const [i, { start, ids, omissions, piece }] of segments.entries()) {
        expect(start).toBe(next);
        next += ids.length;
        const head = omissions.filter(({ side }) => side === 'head').flatMap((omission) => omission.ids);
        const tail = omissions.filter(({ side }) => side === 'tail').flatMap((omission) => omission.ids);
        expect([...head, ...ids, ...tail]).toEqual(whole.segments[i]!.ids);
        if (piece.kind === 'sentence') {
          const limit = piece.index === 0 ? options.firstSentenceLimit : options.otherSentenceLimit;
          expect(ids.length).toBeLessThanOrEqual(limit ?? Number.POSITIVE_INFINITY);
        }
        if (piece.kind === 'mask') {
          expect([position, ...readPositions]).toEqual([start, ...ids.map((_id, k) => start + k)]);
        }
      }
      expect(inputIds.length).toBeLessThanOrEqual(options.maxLength ?? Number.POSITIVE_INFINITY);
      expect(encoded.tokenTypeIds?.length ?? inputIds.length).toBe(inputIds.length);
      for (const at of readPositions) expect(inputIds[at]).toBe(mask);
      expect(readPositions).toHaveLength(options.maskCount ?? 1);
    }),
    { numRuns: 500 },
  );
  expect(encodedCount).toBeGreaterThan(100);
});

test('anything given as a template encodes or fails with a typed input error', () => {
  fc.assert(
    fc.property(
      arbitrarySource,
      fc.array(arbitraryText, { maxLength: 2 }),
      arbitraryOptions,
      fc.constantFrom('masked', 'causal'),
      (source, texts, options, objective) => {
        try {
          const encoded = encodePrompt(source, texts, tokenizer, { ...labels, ...options, objective });
          if (objective === 'masked') expect(encoded.inputIds[encoded.position]).toBe(mask);
          else expect(encoded.position).toBe(encoded.inputIds.length - 1);
        } catch (error) {
          if (!isNtkLensError(error)) throw error;
          expect(error.kind).toBe('input');
        }
      },
    ),
    { numRuns: 1000 },
  );
});
