import type { EncodedExample, NDArray } from '@ntk-lens/core';
import { createRuntime, type Runtime, type RuntimeName } from '@ntk-lens/engine';
import { type LanguageModel, loadModel } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FormulaName } from './formulas/index.js';
import { computeKernels, type KernelRequest, type Kernels } from './index.js';
import { isPositiveSemiDefinite, kernelBlock, transposed } from './testing/compare.js';
import { oracleCase } from './testing/oracle-cases.js';

const formulas: readonly FormulaName[] = ['sgd', 'signgd', 'a-signgd'];
const oracle = oracleCase('roberta');
const { examples, labelWordIds } = oracle;
const TRAIN = [0, 1, 2];
const TEST = [3, 4];

let runtime: Runtime;
let model: LanguageModel;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  model = await loadModel(oracle.directory);
});
afterAll(async () => {
  await runtime.close();
  await model.close();
});
afterEach(() => {
  expect(runtime.residentBytes).toBe(0);
});

const take = (indices: readonly number[]): EncodedExample[] => indices.map((i) => examples[i]!);
const compute = (formula: FormulaName, options: Partial<KernelRequest> = {}): Promise<Kernels> =>
  computeKernels({
    model,
    runtime,
    formula,
    labelWordIds,
    train: take(TRAIN),
    queries: { test: take(TEST) },
    ...options,
  });

/** Largest relative difference of everything in two results. */
const distance = (found: Kernels, expected: Kernels): number => {
  let largest = 0;
  for (const [split, { kernel, flipped, logits }] of Object.entries(expected)) {
    const other = found[split as 'train']!;
    const pairs: [NDArray, NDArray][] = [
      [other.kernel, kernel],
      [other.logits, logits],
    ];
    if (flipped) pairs.push([other.flipped!, flipped]);
    for (const [a, b] of pairs) largest = Math.max(largest, relativeDifference(a, b));
  }
  return largest;
};

describe.each(sampled(formulas, 1))('%s kernels do not depend on', (formula) => {
  let expected: Kernels;
  beforeAll(async () => {
    expected = await compute(formula);
  });

  test.each([1, 2, 3, 7])('the batch size: %i', async (batchSize) => {
    expect(distance(await compute(formula, { batchSize }), expected)).toBeLessThan(1e-6);
  });

  test('a long companion, which makes position gradients and batches longer', async () => {
    const long: EncodedExample = {
      inputIds: Array.from({ length: model.config.maxTokens }, (_, i) => 5 + ((7 * i) % 25)),
      position: 11,
    };
    const {
      train,
      test: query,
      dev,
    } = await compute(formula, {
      train: [...take(TRAIN), long],
      queries: { dev: [long], test: [long, ...take(TEST)] },
    });
    const found = kernelBlock(train.kernel, TRAIN, TRAIN);
    expect(relativeDifference(found, expected.train.kernel)).toBeLessThan(1e-6);
    const tested = kernelBlock(query!.kernel, TRAIN, [1, 2]);
    expect(relativeDifference(tested, expected.test!.kernel)).toBeLessThan(1e-6);
    // Training example and query alike, the companion has one kernel value.
    const own = kernelBlock(train.kernel, [3], [3]);
    expect(relativeDifference(kernelBlock(dev!.kernel, [3], [0]), own)).toBeLessThan(1e-6);
  });

  test('the order of the examples', async () => {
    const [order, queryOrder] = [
      [2, 0, 1],
      [1, 0],
    ];
    const found = await compute(formula, {
      train: take(order.map((i) => TRAIN[i]!)),
      queries: { test: take(queryOrder.map((i) => TEST[i]!)) },
    });
    expect(
      relativeDifference(found.train.kernel, kernelBlock(expected.train.kernel, order, order)),
    ).toBeLessThan(1e-6);
    expect(
      relativeDifference(found.test!.kernel, kernelBlock(expected.test!.kernel, order, queryOrder)),
    ).toBeLessThan(1e-6);
    if (formula === 'a-signgd')
      expect(
        relativeDifference(found.test!.flipped!, kernelBlock(expected.test!.flipped!, order, queryOrder)),
      ).toBeLessThan(1e-6);
  });

  test('the number of threads, and two runs give the same bits', async () => {
    const two = await createRuntime({ runtime: 'ort-cpu', threads: 2 });
    try {
      expect(distance(await compute(formula, { runtime: two }), expected)).toBeLessThan(1e-6);
    } finally {
      await two.close();
    }
    expect(await compute(formula)).toEqual(expected);
  });

  test.each(['tfjs-cpu', 'tfjs-wasm'] satisfies RuntimeName[])('the runtime: %s', async (name) => {
    const other = await createRuntime({ runtime: name });
    try {
      const found = await compute(formula, { runtime: other, batchSize: 2 });
      // SignGD kernels are integers, and no gradient of this model is near zero.
      if (formula === 'signgd') {
        expect(found.train.kernel).toEqual(expected.train.kernel);
        expect(found.test!.kernel).toEqual(expected.test!.kernel);
      } else expect(distance(found, expected)).toBeLessThan(2e-6);
      expect(other.residentBytes).toBe(0);
    } finally {
      await other.close();
    }
  });

  test('which split an example is in: queries that are the training examples give the training kernel', async () => {
    const { train, dev } = await compute(formula, { queries: { dev: take(TRAIN) } });
    expect(relativeDifference(dev!.kernel, train.kernel)).toBeLessThan(1e-6);
    expect(relativeDifference(dev!.logits, train.logits)).toBeLessThan(1e-6);
    if (formula === 'a-signgd') expect(relativeDifference(dev!.flipped!, train.flipped!)).toBeLessThan(1e-6);
  });

  test('whether there are queries at all', async () => {
    const { train } = await compute(formula, { queries: {} });
    expect(relativeDifference(train.kernel, expected.train.kernel)).toBeLessThan(1e-6);
  });
});

test.each(['sgd', 'signgd'] as const)(
  '%s: the training kernel is symmetric and positive semi-definite',
  async (formula) => {
    const all = examples.map((_, i) => i);
    const { train } = await compute(formula, { train: take(all), queries: {}, batchSize: 2 });
    expect(transposed(train.kernel)).toEqual(train.kernel);
    expect(isPositiveSemiDefinite(train.kernel, 1e-6)).toBe(true);
    // The test of the test: an indefinite matrix is told apart.
    const indefinite = { ...train.kernel, data: train.kernel.data.map((x, i) => (i === 0 ? -1e-3 * x : x)) };
    expect(isPositiveSemiDefinite(indefinite, 1e-6)).toBe(false);
  },
);

test('A-SignGD: the flipped training kernel is the transpose, and the kernel itself is not symmetric', async () => {
  const { train } = await compute('a-signgd');
  expect(train.flipped).toEqual(transposed(train.kernel));
  expect(relativeDifference(train.flipped!, train.kernel)).toBeGreaterThan(1e-3);
});

test('A-SignGD: the diagonal is the 1-norm of the gradient, SignGD counts its coordinates', async () => {
  const [{ train: asymmetric }, { train: signs }, { train: plain }] = [
    await compute('a-signgd'),
    await compute('signgd'),
    await compute('sgd'),
  ];
  const size = TRAIN.length * labelWordIds.length;
  const diagonal = ({ data }: NDArray) => Array.from({ length: size }, (_, i) => data[i * size + i]!);
  const [one, count, square] = [diagonal(asymmetric.kernel), diagonal(signs.kernel), diagonal(plain.kernel)];
  for (const [i, norm] of one.entries()) {
    // ‖g‖₂ ≤ ‖g‖₁ ≤ √(coordinates) ‖g‖₂.
    expect(norm).toBeGreaterThan(Math.sqrt(square[i]!));
    expect(norm).toBeLessThan(Math.sqrt(count[i]! * square[i]!));
  }
});

test('SGD: one output is the contraction of the kernel of two with (−1, 1)', async () => {
  const two = labelWordIds.slice(0, 2);
  const whole = await compute('sgd', { labelWordIds: two });
  const binary = await compute('sgd', { labelWordIds: two, binary: true });
  for (const split of ['train', 'test'] as const) {
    const { kernel, logits } = whole[split]!;
    const [n, , m] = kernel.shape as [number, number, number];
    const contracted = new Float64Array(n * m);
    for (const i of contracted.keys()) {
      const [row, column] = [Math.floor(i / m), i % m];
      const at = (c: number, d: number) => kernel.data[((row * 2 + c) * m + column) * 2 + d]!;
      contracted[i] = at(0, 0) - at(0, 1) - at(1, 0) + at(1, 1);
    }
    const expected = { dtype: 'float64' as const, shape: [n, 1, m, 1], data: contracted };
    expect(relativeDifference(binary[split]!.kernel, expected)).toBeLessThan(2e-6);
    const margins = Float64Array.from({ length: m }, (_, j) => logits.data[2 * j + 1]! - logits.data[2 * j]!);
    const margin = { dtype: 'float64' as const, shape: [m, 1], data: margins };
    expect(relativeDifference(binary[split]!.logits, margin)).toBeLessThan(1e-6);
  }
});
