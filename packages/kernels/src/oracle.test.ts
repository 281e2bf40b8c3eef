import type { EncodedExample } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { type LanguageModel, loadModel } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FormulaName } from './formulas/index.js';
import { computeKernelBlocks, computeKernels, type KernelRequest, type Kernels } from './index.js';
import { kernelBlock, sum, transposed } from './testing/compare.js';
import { oracleCase, oracleNames } from './testing/oracle-cases.js';

const formulas: readonly FormulaName[] = ['sgd', 'signgd', 'a-signgd'];
const TRAIN = [0, 1, 2];
const TEST = [3, 4];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

describe.each(sampled(oracleNames, 1))('kernels of a tiny %s equal those of a float64 Jacobian', (name) => {
  const oracle = oracleCase(name);
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadModel(oracle.directory);
  });
  afterAll(() => model.close());

  const take = (indices: readonly number[]): EncodedExample[] => indices.map((i) => oracle.examples[i]!);
  const request = (options: Partial<KernelRequest> & Pick<KernelRequest, 'formula'>): KernelRequest => ({
    model,
    runtime,
    labelWordIds: oracle.labelWordIds,
    train: take(TRAIN),
    queries: { test: take(TEST) },
    batchSize: 2,
    ...options,
  });
  /** SignGD kernels are integers and must be equal; the others agree to float32's rounding. */
  const expectKernels = (
    found: Kernels,
    whole: ReturnType<typeof oracle.total>,
    formula: FormulaName,
    what: string,
    outputs?: number,
  ) => {
    const pairs = [
      [found.train.kernel, kernelBlock(whole, TRAIN, TRAIN, outputs)],
      [found.test!.kernel, kernelBlock(whole, TRAIN, TEST, outputs)],
      ...(formula === 'a-signgd'
        ? ([
            [found.train.flipped!, transposed(kernelBlock(whole, TRAIN, TRAIN, outputs))],
            [found.test!.flipped!, transposed(kernelBlock(whole, TEST, TRAIN, outputs))],
          ] as const)
        : []),
    ] as const;
    for (const [kernel, expected] of pairs) {
      if (formula === 'signgd') expect(kernel, what).toEqual(expected);
      else expect(relativeDifference(kernel, expected), what).toBeLessThan(1e-5);
    }
  };

  test('the oracle is of use: no gradient is so near zero that float32 could miss its sign', () => {
    expect(oracle.nearZero.count).toBe(0);
    expect(oracle.nearZero.margin).toBeGreaterThan(2);
  });

  for (const formula of formulas) {
    test(`${formula}: all parameters, with three label words and with two`, async () => {
      const three = await computeKernels(request({ formula }));
      expectKernels(three, oracle.total(formula, 'all'), formula, 'three');
      expect(relativeDifference(three.train.logits, logitsOf(TRAIN))).toBeLessThan(1e-6);
      expect(relativeDifference(three.test!.logits, logitsOf(TEST))).toBeLessThan(1e-6);
      const two = await computeKernels(request({ formula, labelWordIds: oracle.labelWordIds.slice(0, 2) }));
      expectKernels(two, oracle.total(formula, 'all'), formula, 'two', 2);
    });

    test(`${formula}: each parameter alone, and their sum`, async () => {
      const parts = await computeKernelBlocks(request({ formula }), 'parameter');
      const inKernel = oracle.parameters.filter((parameter) => !oracle.keyBiases.includes(parameter));
      expect(Object.keys(parts).sort()).toEqual([...inKernel].sort());
      for (const parameter of inKernel) {
        expectKernels(parts[parameter]!, oracle.kernel(formula, parameter), formula, parameter);
      }
      expect(
        relativeDifference(
          sum(Object.values(parts).map(({ test }) => test!.kernel)),
          kernelBlock(oracle.total(formula, 'all'), TRAIN, TEST),
        ),
      ).toBeLessThan(1e-5);
    });

    test(`${formula}: each stage, and their sum`, async () => {
      const parts = await computeKernelBlocks(request({ formula }), 'layer');
      expect(Object.keys(parts).sort()).toEqual(['embeddings', 'head', 'layer.0', 'layer.1']);
      expectKernels(parts['layer.0']!, oracle.total(formula, 'first-layer'), formula, 'layer.0');
      const whole = oracle.total(formula, 'all');
      const added = (split: 'train' | 'test', key: 'kernel' | 'flipped') =>
        sum(Object.values(parts).map((part) => part[split]![key]!));
      const total: Kernels = {
        train: { ...parts['head']!.train, kernel: added('train', 'kernel') },
        test: { ...parts['head']!.test!, kernel: added('test', 'kernel') },
      };
      if (formula !== 'a-signgd') return expectKernels(total, whole, formula, 'sum');
      const flipped: Kernels = {
        train: { ...total.train, flipped: added('train', 'flipped') },
        test: { ...total.test!, flipped: added('test', 'flipped') },
      };
      expectKernels(flipped, whole, formula, 'sum');
    });

    test(`${formula}: one output, logit 1 − logit 0`, async () => {
      const kernels = await computeKernels(
        request({ formula, binary: true, labelWordIds: oracle.labelWordIds.slice(0, 2) }),
      );
      const whole = sum(oracle.parameters.map((parameter) => oracle.kernel(formula, parameter, true)));
      expectKernels(kernels, whole, formula, 'binary');
    });

    test(`${formula}: decoder and word embeddings as one parameter`, async () => {
      const isWords = (parameter: string) => parameter.endsWith('word_embeddings.weight');
      const isDecoder = (parameter: string) => parameter.endsWith('decoder.weight');
      const rest = oracle.parameters.filter((parameter) => !isWords(parameter) && !isDecoder(parameter));
      const blocks = await computeKernelBlocks(request({ formula, tied: true }), 'parameter');
      expectKernels(blocks[oracle.parameters.find(isWords)!]!, oracle.tied(formula), formula, 'words');
      expect(Object.keys(blocks).filter(isDecoder)).toEqual([]);
      const whole = sum([
        oracle.tied(formula),
        ...rest.map((parameter) => oracle.kernel(formula, parameter)),
      ]);
      expectKernels(await computeKernels(request({ formula, tied: true })), whole, formula, 'tied');
      // The cross terms are there: label words occur among the tokens.
      expect(relativeDifference(whole, oracle.total(formula, 'all'))).toBeGreaterThan(1e-4);
      const labelWordIds = oracle.labelWordIds.slice(0, 2);
      const binary = await computeKernels(request({ formula, tied: true, binary: true, labelWordIds }));
      const one = sum([
        oracle.tied(formula, true),
        ...rest.map((parameter) => oracle.kernel(formula, parameter, true)),
      ]);
      expectKernels(binary, one, formula, 'tied, binary');
    });

    test.each(Object.keys(oracle.subsets).filter((subset) => subset !== 'all'))(
      `${formula}: parameter subset %s`,
      async (subset) => {
        const members = new Set(oracle.subsets[subset]);
        const kernels = await computeKernels(
          request({ formula, parameters: (parameter) => members.has(parameter) }),
        );
        expectKernels(kernels, oracle.total(formula, subset), formula, subset);
      },
    );
  }

  test('with keepNoise sign kernels differ by no more than the key biases’ coordinates', async () => {
    const coordinates = oracle.keyBiases.reduce((total, parameter) => total + oracle.sizes[parameter]!, 0);
    const { test: plain } = await computeKernels(request({ formula: 'signgd' }));
    const { test: noisy } = await computeKernels(request({ formula: 'signgd', keepNoise: true }));
    const differences = noisy!.kernel.data.map((value, i) => Math.abs(value - plain!.kernel.data[i]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(coordinates);
    // Float noise is there: something changes, else keepNoise does nothing.
    expect(Math.max(...differences)).toBeGreaterThan(0);
    const names = Object.keys(
      await computeKernelBlocks(request({ formula: 'signgd', keepNoise: true }), 'parameter'),
    );
    expect(names.sort()).toEqual([...oracle.parameters].sort());
  });

  test('with keepNoise the SGD kernel stays as it is', async () => {
    const kernels = await computeKernels(request({ formula: 'sgd', keepNoise: true }));
    expectKernels(kernels, oracle.total('sgd', 'all'), 'sgd', 'all');
  });

  const logitsOf = (indices: readonly number[]) => ({
    dtype: 'float64' as const,
    shape: [indices.length, 3],
    data: Float64Array.from(indices.flatMap((i) => [...oracle.logits.data.subarray(3 * i, 3 * i + 3)])),
  });
});
