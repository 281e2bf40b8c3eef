import { BadArgumentError, type Example, ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePrompt } from '../encode/encode-prompt.js';
import { parseTemplate } from '../template/parse-template.js';
import { textsPerExample } from '../template/texts-per-example.js';
import { arbitraryTemplate } from '../testing/arbitrary-template.js';
import { characterTokenizer as tokenizer } from '../testing/character-tokenizer.js';
import { cosineSimilarity } from './cosine-similarity.js';
import { TooFewDemonstrationsError, UnknownDemonstrationLabelError } from './demonstration-errors.js';
import { demonstrationTemplate } from './demonstration-template.js';
import { demonstrationTexts } from './demonstration-texts.js';
import { ensembleLogits } from './ensemble-logits.js';
import { sampleDemonstrations } from './sample-demonstrations.js';
import { similarCandidates } from './similar-candidates.js';

const pool: readonly Example[] = Array.from({ length: 12 }, (_, i) => ({
  texts: [`p${i}`],
  label: i % 3 === 0 ? 'bad' : 'good',
}));
const labels = ['bad', 'good'];

test('a query is followed by one worked example per label', () => {
  const template = demonstrationTemplate('*cls**sent_0*_is*mask*.*sep+*', { labels: 2 });
  const texts = demonstrationTexts(['Q'], [['A'], ['B']], 1);
  const labelWordIds = [...'-+'].map((word) => tokenizer.tokenToId(word)!);
  const encoded = encodePrompt(template, texts, tokenizer, { labelWordIds });
  expect(tokenizer.decode(encoded.inputIds)).toBe('<cls>Q is<mask>.<sep>A is-.<sep>B is+.<sep>');
});

test('a demonstration template has one mask and shifted indices, and parses back', () => {
  fc.assert(
    fc.property(
      arbitraryTemplate(2).filter((source) => !source.includes('labelx')),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 2 }),
      fc.constantFrom('by-label', 'in-context-after', 'in-context-before'),
      (source, count, perLabel, style) => {
        const demonstrated = demonstrationTemplate(source, { labels: count, perLabel, style });
        expect(parseTemplate(demonstrated.source, { syntax: 'lm-bff' })).toEqual(demonstrated);
        expect(demonstrated.pieces.filter(({ kind }) => kind === 'mask')).toHaveLength(1);
        const each = textsPerExample(parseTemplate(source));
        expect(textsPerExample(demonstrated)).toBe(each * (1 + count * perLabel));
      },
    ),
  );
});

test('draws come from the right label, never from the query itself, and again with the seed', () => {
  const options = { labels, seed: 7, perLabel: 2, samples: 3, queriesArePool: true };
  const drawn = sampleDemonstrations(pool, pool.length, options);
  expect(sampleDemonstrations(pool, pool.length, options)).toEqual(drawn);
  expect(sampleDemonstrations(pool, pool.length, { ...options, seed: 8 })).not.toEqual(drawn);
  for (const sample of drawn) {
    for (const [query, indices] of sample.entries()) {
      expect(indices.map((i) => pool[i]!.label)).toEqual(['bad', 'bad', 'good', 'good']);
      expect(new Set([...indices, query]).size).toBe(5);
    }
  }
});

test('regression examples demonstrate the end they lie at', () => {
  const scores = [0.5, 4, 1, 3.5].map((score) => ({ texts: ['x'], label: String(score) }));
  const labelOf = (example: Example) => (Number(example.label) <= 2.5 ? '0' : '1');
  const [[drawn]] = sampleDemonstrations(scores, 1, { labels: ['0', '1'], seed: 1, labelOf }) as [[number[]]];
  expect(drawn.map((i) => labelOf(scores[i]!))).toEqual(['0', '1']);
});

test('labels that cannot be demonstrated are named', () => {
  const draw = (options: object) => () => sampleDemonstrations(pool, 1, { labels, seed: 1, ...options });
  expect(draw({ labels: ['bad', 'good', 'other'] })).toThrow(TooFewDemonstrationsError);
  expect(draw({ labels: ['bad', 'good', 'other'] })).toThrow('"other"');
  expect(draw({ perLabel: 5 })).toThrow('"bad"');
  expect(draw({ labels: ['good'] })).toThrow(UnknownDemonstrationLabelError);
  expect(draw({ queriesArePool: true })).toThrow(BadArgumentError);
  expect(() => demonstrationTexts(['Q'], [['A', 'B'], []], 1)).toThrow('demonstration 1');
});

test('the filter keeps the most similar share of each label', () => {
  const kept = similarCandidates({
    candidates: [0, 1, 2, 3, 4, 5],
    scores: [0.1, 0.9, 0.8, 0.9, 0.2, 0.3],
    labelOf: (i) => (i < 4 ? 'a' : 'b'),
    labels: 2,
    rate: 0.7,
  });
  expect(kept).toEqual([1, 3, 5, 4]);
  const input = { candidates: [0], scores: [1], labelOf: () => 'a', labels: 1 };
  for (const rate of [0, 1.1, Number.NaN])
    expect(() => similarCandidates({ ...input, rate })).toThrow(BadArgumentError);
});

test('cosine similarity does not see lengths; a zero vector is similar to nothing', () => {
  const { data } = cosineSimilarity(
    ndarray(Float32Array.of(3, 0, 0, 0), [2, 2]),
    ndarray(Float32Array.of(1, 0, 2, 2, 0, -5), [3, 2]),
  );
  const expected = [1, Math.SQRT1_2, 0, 0, 0, 0];
  for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 12);
  expect(() =>
    cosineSimilarity(ndarray(Float32Array.of(1), [1, 1]), ndarray(Float32Array.of(1, 2), [1, 2])),
  ).toThrow(BadArgumentError);
  expect(() =>
    cosineSimilarity(ndarray(Float32Array.of(Number.NaN), [1, 1]), ndarray(Float32Array.of(1), [1, 1])),
  ).toThrow('NaN');
});

test('ensembling averages logits, or probabilities', () => {
  const a = ndarray(Float64Array.of(0, 2, 1, 1), [2, 2]);
  const b = ndarray(Float64Array.of(4, 0, 1, 3), [2, 2]);
  expect([...ensembleLogits([a, b]).data]).toEqual([2, 1, 1, 2]);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const { data } = ensembleLogits([a, b], { average: 'probabilities' });
  expect(Math.exp(data[0]!)).toBeCloseTo((sigmoid(-2) + sigmoid(4)) / 2, 12);
  expect(Math.exp(data[2]!) + Math.exp(data[3]!)).toBeCloseTo(1, 12);
  expect(() => ensembleLogits([])).toThrow(BadArgumentError);
  expect(() => ensembleLogits([a, ndarray(Float64Array.of(1, 2), [1, 2])])).toThrow(BadArgumentError);
  expect(() => ensembleLogits([ndarray(Float64Array.of(Number.NaN), [1, 1])])).toThrow('NaN');
});
