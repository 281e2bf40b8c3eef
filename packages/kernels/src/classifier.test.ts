import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type EncodedExample, type NDArray, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { classifierModel, loadModel } from '@ntk-lens/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  architectureCase,
  largestDifference,
  relativeDifference,
} from '../../models/src/testing/architecture-cases.js';
import { computeKernels } from './compute-kernels.js';
import { testRuntime } from './testing/test-runtime.js';

interface StoredArray {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface StoredCase {
  readonly head: { readonly weights: StoredArray; readonly bias: StoredArray };
  readonly examples: readonly EncodedExample[];
  readonly logits: StoredArray;
  readonly sgd: StoredArray;
}
const file = fileURLToPath(new URL('../fixtures/classifier.json', import.meta.url));
const cases = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, StoredCase>>;
const array = ({ shape, data }: StoredArray): NDArray<'float64'> => ndarray(Float64Array.from(data), shape);

describe('kernels of an encoder with a linear head equal a float64 Jacobian oracle', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ runtime: testRuntime });
  });
  afterAll(() => runtime.close());

  for (const [name, stored] of Object.entries(cases)) {
    it(name, async () => {
      const base = await loadModel(architectureCase(name).directory);
      const head = { weights: array(stored.head.weights), bias: array(stored.head.bias) };
      const model = classifierModel(base, head);
      const labelWordIds = [0, 1, 2];
      const request = { model, runtime, labelWordIds, formula: 'sgd', train: stored.examples } as const;
      const { train } = await computeKernels({ ...request, queries: {} });
      expect(largestDifference(train.logits, array(stored.logits))).toBeLessThan(1e-5);
      expect(relativeDifference(train.kernel, array(stored.sgd))).toBeLessThan(1e-5);
      expect(await model.hash()).not.toBe(await base.hash());
      expect(() => model.stages([1, 0, 2])).toThrow(/labels of the head/);
      expect(() => classifierModel(base, { ...head, weights: head.bias })).toThrow(/\[C, \d+\]/);
      await base.close();
    });
  }
});
