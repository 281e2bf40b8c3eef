import type { NDArray } from '@ntk-lens/core';
import { loadModel } from '@ntk-lens/models';
import { largestDifference, relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { describe, expect, test } from 'vitest';
import { architectureCase, architectureNames } from '../../models/src/testing/architecture-cases.js';
import type { FormulaName } from './formulas/index.js';
import { kernelBlock, sum, transposed } from './testing/compare.js';
import { oracleCase, oracleNames } from './testing/oracle-cases.js';
import { sharedJacobian } from './testing/shared-jacobian.js';
import { type TextbookRequest, textbookKernel } from './textbook.js';

const formulas = ['sgd', 'signgd', 'a-signgd'] as const satisfies FormulaName[];

/** SignGD kernels count coordinates: each sign that float32 sees differently changes an entry by at most 2. */
const expectKernel = (
  { kernel, flipped }: Awaited<ReturnType<typeof textbookKernel>>,
  formula: FormulaName,
  expected: NDArray,
  expectedFlipped: NDArray,
  nearZero: number,
) => {
  if (formula === 'signgd') expect(largestDifference(kernel, expected)).toBeLessThanOrEqual(2 * nearZero);
  else expect(relativeDifference(kernel, expected)).toBeLessThan(1e-5);
  if (formula !== 'a-signgd') expect(flipped).toBeUndefined();
  else expect(relativeDifference(flipped!, expectedFlipped)).toBeLessThan(1e-5);
};

describe.each(oracleNames)('the textbook kernel of a tiny %s equals that of a float64 Jacobian', (name) => {
  const oracle = oracleCase(name);
  const [TRAIN, QUERIES] = [
    [0, 1, 2],
    [2, 3, 4],
  ];
  const take = (indices: readonly number[]) => indices.map((i) => oracle.examples[i]!);
  const compare = async (formula: FormulaName, whole: NDArray, options: Partial<TextbookRequest>) => {
    const model = await loadModel(oracle.directory);
    const found = await textbookKernel({
      ...{ model, formula, labelWordIds: oracle.labelWordIds, train: take(TRAIN), queries: take(QUERIES) },
      ...options,
    });
    await model.close();
    const flipped = transposed(kernelBlock(whole, QUERIES, TRAIN));
    expectKernel(found, formula, kernelBlock(whole, TRAIN, QUERIES), flipped, oracle.nearZero.count);
  };

  for (const formula of formulas) {
    test.each(Object.keys(oracle.subsets))(`${formula}: parameter subset %s`, async (subset) => {
      const members = new Set(oracle.subsets[subset]);
      const parameters = (parameter: string) => members.has(parameter);
      await compare(formula, oracle.total(formula, subset), { parameters });
    });

    test(`${formula}: binary mode`, async () => {
      const parts = oracle.parameters.map((parameter) => oracle.kernel(formula, parameter, true));
      await compare(formula, sum(parts), { binary: true, labelWordIds: oracle.labelWordIds.slice(0, 2) });
    });
  }
});

describe('the textbook kernel of every architecture equals that of a float64 Jacobian', () => {
  const cases = architectureNames.flatMap((name) => formulas.map((formula) => [name, formula] as const));
  /** The formulas of an architecture, one after another, share its Jacobian. */
  let previous = { of: '', jacobianOf: sharedJacobian() };
  test.each(sampled(cases, 3))('%s, %s', async (name, formula) => {
    if (previous.of !== name) previous = { of: name, jacobianOf: sharedJacobian() };
    const { directory, examples, labelWordIds, kernels, nearZero } = architectureCase(name);
    const model = await loadModel(directory);
    const [train, queries] = [examples.slice(0, 3), examples.slice(2)];
    const found = await textbookKernel({ model, formula, labelWordIds, train, queries }, previous.jacobianOf);
    await model.close();
    const whole = kernels[formula];
    const last = examples.length - 1;
    const flipped = transposed(kernelBlock(whole, [2, last], [0, 1, 2]));
    expectKernel(found, formula, kernelBlock(whole, [0, 1, 2], [2, last]), flipped, nearZero);
  });
});
