import { BadArgumentError, type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import { describe, expect, test } from 'vitest';
import {
  type AdamState,
  adam,
  BadSecondMomentError,
  checkKernelRequest,
  computeKernels,
  type KernelRequest,
  NoSecondMomentError,
  textbookKernel,
  UnknownFormulaError,
} from './index.js';
import { openForTests } from './testing/open-for-tests.js';
import { oracleCase } from './testing/oracle-cases.js';

const { directory, examples, labelWordIds } = oracleCase('bert');
const train = examples.slice(0, 3);

const { runtime, model } = await openForTests(directory);

/** A model whose weights cannot be read: what is refused is refused before any work. */
const unread = (): LanguageModel => ({ ...model, read: () => expect.fail('weights were read') });

type Options = Partial<KernelRequest> & Pick<KernelRequest, 'formula'>;
const request = (options: Options): KernelRequest => ({
  ...{ model: unread(), runtime, labelWordIds, train, queries: { test: examples.slice(3) } },
  ...options,
});

/** All three programs refuse it in the same words. */
const expectRefusal = async (options: Options, error: new (...args: never[]) => Error, message: RegExp) => {
  const asked = request(options);
  const attempts = [
    async () => checkKernelRequest(asked),
    () => computeKernels(asked),
    () => textbookKernel({ ...asked, queries: examples.slice(3) }),
  ];
  for (const attempt of attempts) {
    await expect(attempt).rejects.toThrow(error);
    await expect(attempt).rejects.toThrow(message);
  }
};

test('an unknown formula is answered with those that exist', async () => {
  const message = /"adamw", expected one of a-signgd, adam, cosine, sgd, signgd\. .* a formula of your own/;
  await expectRefusal({ formula: 'adamw' }, UnknownFormulaError, message);
});

test.each<[string, Partial<KernelRequest>, RegExp]>([
  ['no labels', {}, /labels.*nothing.*each of the 3 training examples.*"adam"/],
  ['too few', { labels: [0, 1] }, /labels.*2 labels.*each of the 3/],
  ['too many', { labels: [0, 1, 2, 0] }, /labels.*4 labels.*each of the 3/],
  ['a label that there is not', { labels: [0, 1, 3] }, /label.*3.*from 0 to 2/],
  ['a negative label', { labels: [0, 1, -1] }, /label.*-1.*from 0 to 2/],
  ['half a label', { labels: [0, 1, 0.5] }, /label.*0\.5.*from 0 to 2/],
  ['no number', { labels: [0, 1, Number.NaN] }, /label.*NaN.*from 0 to 2/],
  ['a range with three label words', { labels: [0, 1, 2], range: [0, 5] }, /3.*2 label words/],
  [
    'a number outside the range',
    { labels: [0, 1, 6], range: [0, 5], labelWordIds: labelWordIds.slice(0, 2) },
    /6.*from 0 to 5/,
  ],
])('adam is refused: %s', async (_, options, message) => {
  await expectRefusal({ formula: 'adam', ...options }, BadArgumentError, message);
});

test('other formulas do not look at labels', async () => {
  await expect(computeKernels(request({ formula: 'cosine', model, labels: [7] }))).resolves.toBeDefined();
});

test.each<[string, Parameters<typeof adam>[0], RegExp]>([
  ['ε = 0', { eps: 0 }, /eps.*0.*positive/],
  ['ε = NaN', { eps: Number.NaN }, /eps.*NaN.*positive/],
])('adam has no %s', (_, options, message) => {
  expect(() => adam(options)).toThrow(message);
});

describe('a state', () => {
  const stateOf = (change: Partial<AdamState> & { readonly value?: number }): AdamState => ({
    step: 3,
    beta2: 0.999,
    has: () => true,
    describe: {},
    read: async (parameter): Promise<NDArray<'float32'>> => {
      const shape = model.parameters.get(parameter)!;
      const data = new Float32Array(sizeOf(shape)).fill(1);
      data[Math.floor(data.length / 2)] = change.value ?? 1;
      return ndarray(data, shape);
    },
    ...change,
  });

  test.each<[string, Partial<AdamState>, RegExp]>([
    ['no step', { step: 0 }, /step.*0.*integer from 1/],
    ['half a step', { step: 1.5 }, /step.*1\.5.*integer from 1/],
    ['β₂ = 1', { beta2: 1 }, /beta2.*1.*below 1/],
    ['negative β₂', { beta2: -0.1 }, /beta2.*-0\.1.*from 0/],
  ])('with %s is refused', (_, change, message) => {
    expect(() => adam({ state: stateOf(change) })).toThrow(message);
  });

  test('that lacks a parameter is refused before any work, unless the parameter takes no part', async () => {
    const missing = 'bert.encoder.layer.1.output.dense.weight';
    const formula = adam({ state: stateOf({ has: (parameter) => parameter !== missing }) });
    await expectRefusal(
      { formula },
      NoSecondMomentError,
      new RegExp(`second moment of ${missing}.*leave the state out`),
    );
    const parameters = (name: string) => name !== missing;
    await expect(computeKernels(request({ formula, model, parameters }))).resolves.toBeDefined();
  });

  test.each([-1e-9, Number.NaN, Number.POSITIVE_INFINITY])(
    'whose v holds %d is an error, in whatever parameter it is',
    async (value) => {
      // A matrix, a vector, a table, decoder rows.
      for (const parameter of [
        'bert.encoder.layer.0.output.dense.weight',
        'bert.encoder.layer.0.output.LayerNorm.bias',
        'bert.embeddings.word_embeddings.weight',
        'cls.predictions.decoder.weight',
      ]) {
        const formula = adam({ state: stateOf({ value }) });
        const asked = request({ formula, model, parameters: (name) => name === parameter });
        const message = `second moment of ${parameter} holds ${Math.fround(value)}; expected finite numbers from 0`;
        await expect(computeKernels(asked)).rejects.toThrow(BadSecondMomentError);
        await expect(computeKernels(asked)).rejects.toThrow(message);
        expect(runtime.residentBytes).toBe(0);
        await expect(textbookKernel({ ...asked, queries: [] })).rejects.toThrow(message);
      }
    },
  );

  test('whose file cannot be read further leaves nothing behind', async () => {
    let reads = 0;
    const sound = stateOf({});
    const read = (parameter: string) =>
      ++reads > 5 ? Promise.reject(new Error('the disk is gone')) : sound.read(parameter);
    const formula = adam({ state: stateOf({ read }) });
    await expect(computeKernels(request({ formula, model, batchSize: 1 }))).rejects.toThrow(
      'the disk is gone',
    );
  });
});

test('squared gradients that overflow float32 are an error, not a coordinate that is left out', async () => {
  // Gradients of the decoder's own rows are hidden states of about 1e22; their squares are beyond float32.
  const steep: LanguageModel = {
    ...model,
    read: async (parameter) => {
      const array = await model.read(parameter);
      if (parameter === 'cls.predictions.transform.LayerNorm.weight') array.data.fill(1e22);
      return array;
    },
  };
  const parameters = (name: string) => name === 'cls.predictions.decoder.weight';
  const asked = request({ formula: 'adam', model: steep, labels: [0, 1, 2], parameters });
  await expect(computeKernels(asked)).rejects.toThrow(/decoder\.weight holds Infinity.*overflow float32/);
});
