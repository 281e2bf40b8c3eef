import { type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { describe, expect, test } from 'vitest';
import { architectureCase } from '../../models/src/testing/architecture-cases.js';
import {
  type AdamState,
  adam,
  computeKernelBlocks,
  computeKernels,
  type KernelFormula,
  type KernelRequest,
  textbookKernel,
  type WeightDirection,
} from './index.js';
import { isPositiveSemiDefinite, kernelBlock, sum, transposed } from './testing/compare.js';
import { drawnDirection } from './testing/drawn-direction.js';
import { openForTests } from './testing/open-for-tests.js';

const { directory, examples, labelWordIds } = architectureCase('bert-untied');
const [train, test_] = [examples.slice(0, 3), examples.slice(3)];

const { runtime, model } = await openForTests(directory);

const compute = (formula: string | KernelFormula, options: Partial<KernelRequest> = {}) =>
  computeKernels({
    ...{
      model,
      runtime,
      formula,
      labelWordIds,
      labels: [1, 0, 2],
      train,
      queries: { test: test_ },
      batchSize: 2,
    },
    ...options,
  });

const times = ({ shape, data }: NDArray, factor: number): NDArray<'float64'> =>
  ndarray(
    Float64Array.from(data, (x) => factor * x),
    shape,
  );

/** A state as an optimizer leaves it after `step` steps. */
const stateOf = (read: WeightDirection['read'], options: Partial<AdamState> = {}): AdamState => ({
  ...{ step: 1, beta2: 0, has: () => true, describe: { file: 'made' }, read },
  ...options,
});

const mapped = (v: WeightDirection, f: (x: number) => number): WeightDirection => ({
  read: async (parameter) => {
    const { data, shape } = await v.read(parameter);
    return ndarray(data.map(f), shape);
  },
});

/** v, every element the same. */
const constant = (value: number): WeightDirection => ({
  read: async (parameter) => {
    const shape = model.parameters.get(parameter)!;
    return ndarray(new Float32Array(sizeOf(shape)).fill(value), shape);
  },
});

const diagonal = ({ data, shape }: NDArray): number[] => {
  const size = shape[0]! * shape[1]!;
  return Array.from({ length: size }, (_, i) => data[i * size + i]!);
};

describe('cosine', () => {
  test('is the SGD kernel divided by the lengths of gradients: 1 on the diagonal, elsewhere at most 1', async () => {
    const all = { train: examples, queries: { dev: examples } };
    const [{ train: own, dev }, { train: plain }] = [await compute('cosine', all), await compute('sgd', all)];
    for (const x of diagonal(own.kernel)) expect(Math.abs(x - 1)).toBeLessThan(1e-12);
    expect(Math.max(...own.kernel.data.map(Math.abs))).toBeLessThanOrEqual(1 + 1e-6);
    const lengths = diagonal(plain.kernel).map(Math.sqrt);
    const size = lengths.length;
    const divided = plain.kernel.data.map((x, i) => x / lengths[Math.floor(i / size)]! / lengths[i % size]!);
    expect(relativeDifference(own.kernel, { ...plain.kernel, data: divided })).toBeLessThan(1e-12);
    // Queries are normalized by what is computed of them alone; as training examples they give the same.
    expect(relativeDifference(dev!.kernel, own.kernel)).toBeLessThan(1e-6);
    expect(transposed(own.kernel)).toEqual(own.kernel);
    expect(isPositiveSemiDefinite(own.kernel, 1e-6)).toBe(true);
  });

  /** The model whose logit of label word i is multiplied, where parameters of the encoder are concerned. */
  const scaled = (factors: readonly number[]): LanguageModel => ({
    ...model,
    read: async (parameter) => {
      const array = await model.read(parameter);
      if (!/decoder\.weight$/.test(parameter)) return array;
      const width = array.shape[1]!;
      for (const [i, id] of labelWordIds.entries())
        for (let k = id * width; k < (id + 1) * width; k++) array.data[k]! *= factors[i]!;
      return array;
    },
  });
  const parameters = (name: string) => name.startsWith('bert.');

  test('does not see the scales of logits, which the SGD kernel does', async () => {
    const larger = scaled([3, 0.5, 20]);
    const [{ test: expected }, { test: found }] = [
      await compute('cosine', { parameters }),
      await compute('cosine', { parameters, model: larger }),
    ];
    expect(relativeDifference(found!.kernel, expected!.kernel)).toBeLessThan(1e-5);
    const negative = await compute('cosine', { parameters, model: scaled([1, -1, 1]) });
    expect(Math.abs(negative.test!.kernel.data[1]! + expected!.kernel.data[1]!)).toBeLessThan(1e-5);
    const [{ test: plain }, { test: other }] = [
      await compute('sgd', { parameters }),
      await compute('sgd', { parameters, model: larger }),
    ];
    expect(relativeDifference(other!.kernel, plain!.kernel)).toBeGreaterThan(1);
  });

  test('is 0 where a gradient is zero, and not NaN', async () => {
    const deaf = scaled([1, 0, 1]);
    const { train: own, test: query } = await compute('cosine', { parameters, model: deaf });
    const expected = [1, 0, 1, 1, 0, 1, 1, 0, 1];
    for (const [i, x] of diagonal(own.kernel).entries()) expect(x).toBeCloseTo(expected[i]!, 12);
    expect(kernelBlock(query!.kernel, [0], [0]).data.map((x) => Math.sign(Math.abs(x)))).toEqual(
      Float64Array.of(1, 0, 1, 0, 0, 0, 1, 0, 1),
    );
  });
});

describe('adam', () => {
  /** v as the default formula finds it. */
  const secondMoment = async (): Promise<WeightDirection> => {
    let v: WeightDirection | undefined;
    const keep = adam();
    await compute({
      ...keep,
      prepare: async (examples) => {
        v = await examples.meanSquaredGradient('cross-entropy');
        return adam({ state: stateOf(v.read) });
      },
    });
    return v!;
  };

  test('is symmetric and positive semi-definite', async () => {
    const { train: own } = await compute('adam', { train: examples, labels: [1, 0, 2, 1], queries: {} });
    expect(transposed(own.kernel)).toEqual(own.kernel);
    expect(isPositiveSemiDefinite(own.kernel, 1e-6)).toBe(true);
  });

  test('with v of the training examples is what it is with a state that has this v', async () => {
    const v = await secondMoment();
    expect(await compute(adam({ state: stateOf(v.read) }))).toEqual(await compute('adam'));
  });

  test('a loss c times as large has c² times the v, and 1/c times the kernel', async () => {
    const v = await secondMoment();
    const { test: expected } = await compute('adam');
    for (const c of [0.01, 100]) {
      const state = stateOf(mapped(v, (x) => c ** 2 * x).read);
      const { test: found } = await compute(adam({ state, eps: c * 1e-8 }));
      expect(relativeDifference(times(found!.kernel, c), expected!.kernel)).toBeLessThan(1e-6);
      // With the same ε it is not quite so: that is 1 / (c √v + ε), not 1 / c (√v + ε).
      const { test: near } = await compute(adam({ state }));
      expect(relativeDifference(times(near!.kernel, c), expected!.kernel)).toBeLessThan(1e-4);
    }
  });

  test('with v̂ = 1 everywhere is the SGD kernel times 1 / (1 + ε), whatever β₂ and the step', async () => {
    const plain = await compute('sgd');
    for (const eps of [1e-8, 0.25])
      for (const [beta2, step, value] of [
        [0, 1, 1],
        [0.999, 100_000, 1],
        [0.5, 2, 0.75],
      ] as const) {
        const state = stateOf(constant(value).read, { beta2, step });
        const found = await compute(adam({ state, eps }));
        for (const split of ['train', 'test'] as const)
          expect(relativeDifference(times(found[split]!.kernel, 1 + eps), plain[split]!.kernel)).toBeLessThan(
            1e-6,
          );
      }
  });

  test('divides element by element: any v gives the textbook kernel', async () => {
    const state = stateOf(drawnDirection(model, 5).read, { beta2: 0.9, step: 4 });
    const formula = adam({ state, eps: 0.1 });
    const { test: found } = await compute(formula);
    const expected = await textbookKernel({ model, formula, labelWordIds, train, queries: test_ });
    expect(relativeDifference(found!.kernel, expected.kernel)).toBeLessThan(1e-5);
  });

  test('sees the loss and the labels: another loss and other labels give another kernel, as by the textbook', async () => {
    const { test: plain } = await compute('adam');
    for (const [formula, labels] of [
      [adam({ loss: 'squared', eps: 1e-3 }), [1, 0, 2]],
      [adam({ eps: 1e-3 }), [0, 0, 2]],
    ] as const) {
      const { test: found } = await compute(formula, { labels });
      const asked = { model, formula, labelWordIds, labels, train, queries: test_ };
      expect(relativeDifference(found!.kernel, (await textbookKernel(asked)).kernel)).toBeLessThan(1e-5);
      expect(relativeDifference(found!.kernel, plain!.kernel)).toBeGreaterThan(1e-2);
    }
  });

  test('labels that are numbers in a range give a distribution over two label words', async () => {
    const options = { labelWordIds: labelWordIds.slice(0, 2), labels: [0.5, 4, 2], range: [0, 5] as const };
    const formula = adam({ eps: 1e-3 });
    const { test: found } = await compute(formula, options);
    const expected = await textbookKernel({ model, formula, train, queries: test_, ...options });
    expect(relativeDifference(found!.kernel, expected.kernel)).toBeLessThan(1e-5);
  });

  test('the order of training examples, with their labels, does not matter', async () => {
    const order = [2, 0, 1];
    const { test: expected } = await compute('adam');
    const { test: found } = await compute('adam', {
      train: order.map((i) => train[i]!),
      labels: order.map((i) => [1, 0, 2][i]!),
    });
    expect(relativeDifference(found!.kernel, kernelBlock(expected!.kernel, order, [0]))).toBeLessThan(1e-5);
  });

  test('its parts by layer and by parameter add up to the whole', async () => {
    const request = { model, runtime, formula: 'adam', labelWordIds, labels: [1, 0, 2], train, queries: {} };
    const { train: whole } = await computeKernels(request);
    for (const level of ['layer', 'parameter'] as const) {
      const parts = Object.values(await computeKernelBlocks(request, level));
      expect(relativeDifference(sum(parts.map((part) => part.train.kernel)), whole.kernel)).toBeLessThan(
        1e-6,
      );
    }
  });
});
