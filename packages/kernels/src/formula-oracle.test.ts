import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type EncodedExample, type NDArray, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { type LanguageModel, loadModel, readSecondMoment } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adam, computeKernels, type KernelRequest, textbookKernel } from './index.js';
import { kernelBlock } from './testing/compare.js';

const fixtures = fileURLToPath(new URL('../fixtures/formula-oracle', import.meta.url));
const models = fileURLToPath(new URL('../../models/fixtures', import.meta.url));

/** What tooling/reference/make_formula_oracle.py writes. */
interface Stored {
  readonly examples: readonly EncodedExample[];
  readonly labelWordIds: readonly number[];
  readonly train: readonly number[];
  readonly queries: readonly number[];
  readonly kernels: Readonly<Record<string, NDArray>>;
  /** By how much float32's rounding of gradients can change a kernel. */
  readonly sensitivity: Readonly<Record<string, number>>;
}

interface ModelCase extends Stored {
  readonly labels: readonly number[];
  readonly binaryLabels: readonly number[];
  /** Coordinates that a query's gradient has and no training example's. */
  readonly untouched: number;
}

interface StateCase extends Stored {
  readonly state: string;
  readonly step: number;
  readonly beta2: number;
  /** Of all D. */
  readonly largest: number;
}

const stored = <T extends Stored>(name: string): T =>
  JSON.parse(readFileSync(`${fixtures}/${name}.json`, 'utf8'), (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'shape' in value && 'data' in value
      ? ndarray(Float64Array.from(value.data as number[]), value.shape as number[])
      : value,
  ) as T;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(async () => {
  expect(runtime.residentBytes).toBe(0);
  await runtime.close();
});

/** Kernels of both programs against all queries, and against the training examples. */
const expectKernels = async (
  { examples, kernels, train, queries }: Stored,
  options: Omit<KernelRequest, 'runtime' | 'train' | 'queries'>,
  name: string,
) => {
  const [rows, columns] = [train.map((i) => examples[i]!), queries.map((i) => examples[i]!)];
  const expected = kernels[name]!;
  for (const batchSize of [1, 3]) {
    const found = await computeKernels({
      ...{ ...options, runtime, train: rows, queries: { test: columns }, batchSize },
    });
    expect(relativeDifference(found.test!.kernel, expected), name).toBeLessThan(1e-5);
    const own = kernels[`${name}-train`];
    if (own) expect(relativeDifference(found.train.kernel, own), name).toBeLessThan(1e-5);
  }
  const { kernel } = await textbookKernel({ ...options, train: rows, queries: columns });
  expect(relativeDifference(kernel, expected), name).toBeLessThan(1e-5);
};

describe.each(sampled(['roberta', 'gpt2', 'albert'], 1))(
  'torch in float64 computes the same of a tiny %s:',
  (name) => {
    const oracle = stored<ModelCase>(name);
    const { labelWordIds, labels, binaryLabels } = oracle;
    let model: LanguageModel;
    beforeAll(async () => {
      model = await loadModel(`${models}/architectures/${name}`);
    });
    afterAll(() => model.close());

    test('the oracle is of use: rounding of gradients to float32 changes it by far less than is allowed', () => {
      for (const size of Object.values(oracle.sensitivity)) expect(size).toBeLessThan(2e-6);
    });

    test('adam with v from the training examples', async () => {
      await expectKernels(oracle, { model, formula: 'adam', labelWordIds, labels }, 'adam');
    });

    test('adam in binary mode', async () => {
      const two = labelWordIds.slice(0, 2);
      const request = { model, formula: 'adam', labelWordIds: two, labels: binaryLabels, binary: true };
      await expectKernels(oracle, request, 'adam-binary');
    });

    test('cosine, and cosine in binary mode', async () => {
      await expectKernels(oracle, { model, formula: 'cosine', labelWordIds }, 'cosine');
      const two = { model, formula: 'cosine', labelWordIds: labelWordIds.slice(0, 2), binary: true };
      await expectKernels(oracle, two, 'cosine-binary');
    });
  },
);

test('D is 1/ε at coordinates that no training example touches, and they add nothing to any kernel', async () => {
  const { examples, train, queries, labelWordIds, labels, untouched, kernels } = stored<ModelCase>('roberta');
  // Rows of words and positions that only a query has: D = 1e8, times a training gradient that is exactly zero.
  expect(untouched).toBeGreaterThan(0);
  const model = await loadModel(`${models}/architectures/roberta`);
  const request = {
    ...{ model, runtime, labelWordIds, labels, formula: 'adam' },
    train: train.map((i) => examples[i]!),
    queries: { test: queries.map((i) => examples[i]!) },
  };
  const { test: found } = await computeKernels(request);
  await model.close();
  // The query is not a training example; with an entry of 1e8 in it nothing would agree.
  const only = (kernel: NDArray) => kernelBlock(kernel, [0, 1, 2], [0]);
  expect(train).not.toContain(queries[0]);
  expect(relativeDifference(only(found!.kernel), only(kernels['adam']!))).toBeLessThan(1e-5);
});

describe.each(sampled(['roberta', 'gpt2', 'albert'], 1))(
  'with the optimizer’s state of a tiny %s',
  (name) => {
    const oracle = stored<StateCase>(`${name}-state`);

    test('adam divides by the root of v̂ = v / (1 − β₂ᵗ), as torch does', async () => {
      const model = await loadModel(`${fixtures}/${name}-state`);
      const state = await readSecondMoment(`${models}/optimizer-states/${oracle.state}`, model);
      expect([state.step, state.beta2]).toEqual([oracle.step, oracle.beta2]);
      for (const size of Object.values(oracle.sensitivity)) expect(size).toBeLessThan(2e-6);
      const { labelWordIds } = oracle;
      await expectKernels(oracle, { model, formula: adam({ state }), labelWordIds }, 'state');
      await state.close();
      await model.close();
    });

    test('some D are as large as they get: 1/ε, where the optimizer saw no gradient', () => {
      expect(oracle.largest).toBe(1e8);
    });
  },
);
