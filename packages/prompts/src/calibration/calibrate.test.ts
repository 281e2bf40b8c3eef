import { BadArgumentError, ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePrompt } from '../encode/encode-prompt.js';
import { characterTokenizer as tokenizer } from '../testing/character-tokenizer.js';
import { calibrate } from './calibrate.js';
import { contentFreePrior } from './content-free-prior.js';
import { contentFreeTexts } from './content-free-texts.js';

const logits = fc.integer({ min: 1, max: 4 }).chain((labels) =>
  fc
    .array(
      fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: labels, maxLength: labels }),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    .map((rows) => ndarray(Float64Array.from(rows.flat()), [rows.length, labels])),
);

test('content-free inputs keep their prompt readable, the mask token included', () => {
  const inputs = contentFreeTexts(2, tokenizer);
  expect(inputs).toEqual([
    ['N/A', 'N/A'],
    ['', ''],
    ['<mask>', '<mask>'],
  ]);
  const positions = inputs.map((texts) => encodePrompt('*sent_0**mask**sent-_1*', texts, tokenizer).position);
  expect(positions).toEqual([3, 0, 1]);
});

test('the prior is a distribution over the labels', () => {
  fc.assert(
    fc.property(logits, (scores) => {
      const { data, shape } = contentFreePrior(scores);
      expect(shape).toEqual([scores.shape[1]]);
      expect(data.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    }),
  );
});

test('content-free inputs are calibrated to a uniform distribution', () => {
  fc.assert(
    fc.property(logits, (scores) => {
      const labels = scores.shape[1]!;
      const one = ndarray(Float64Array.from(scores.data.subarray(0, labels)), [1, labels]);
      for (const value of calibrate(one, contentFreePrior(one)).data) {
        expect(Math.exp(value)).toBeCloseTo(1 / labels, 9);
      }
    }),
  );
});

test('a uniform prior changes no prediction', () => {
  fc.assert(
    fc.property(logits, (scores) => {
      const labels = scores.shape[1]!;
      const prior = ndarray(new Float64Array(labels).fill(1 / labels), [labels]);
      const divided = calibrate(scores, prior).data;
      const subtracted = calibrate(scores, prior, { method: 'subtract' }).data;
      for (const [i, value] of divided.entries())
        expect(subtracted[i]).toBeCloseTo(Math.exp(value) - 1 / labels, 9);
    }),
  );
});

test('W p + b by hand', () => {
  const scores = ndarray(Float64Array.of(Math.log(0.6), Math.log(0.4)), [1, 2]);
  const prior = ndarray(Float64Array.of(0.75, 0.25), [2]);
  const divided = [...calibrate(scores, prior).data].map(Math.exp);
  expect(divided[0]).toBeCloseTo(0.8 / 2.4, 12);
  expect(divided[1]).toBeCloseTo(1.6 / 2.4, 12);
  const [first, second] = calibrate(scores, prior, { method: 'subtract' }).data;
  expect([first, second].map((value) => value!.toFixed(12))).toEqual(['-0.150000000000', '0.150000000000']);
});

test('over the vocabulary, inputs weigh by how likely any label word is', () => {
  const scores = ndarray(Float64Array.of(0.1, 0.3, 0.002, 0.001).map(Math.log), [2, 2]);
  expect(contentFreePrior(scores, { normalize: 'vocabulary' }).data[0]).toBeCloseTo(0.102 / 0.403, 12);
  expect(contentFreePrior(scores).data[0]).toBeCloseTo((0.25 + 2 / 3) / 2, 12);
});

test('what cannot be calibrated is refused', () => {
  const scores = ndarray(Float64Array.of(0, 1), [1, 2]);
  expect(() => calibrate(scores, ndarray(Float64Array.of(1), [1]))).toThrow(BadArgumentError);
  expect(() => calibrate(scores, ndarray(Float64Array.of(1, 0), [2]))).toThrow('label 1');
  expect(() => contentFreePrior(ndarray(new Float64Array(0), [0, 2]))).toThrow(BadArgumentError);
  expect(() => contentFreePrior(ndarray(Float64Array.of(0, 2000), [1, 2]))).toThrow('label 0');
  expect(() => contentFreePrior(ndarray(Float64Array.of(0, Number.POSITIVE_INFINITY), [1, 2]))).toThrow(
    BadArgumentError,
  );
});
