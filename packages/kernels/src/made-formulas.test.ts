import type { NDArray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { type LanguageModel, loadModel } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { architectureCase } from '../../models/src/testing/architecture-cases.js';
import {
  computeKernelBlocks,
  computeKernels,
  cosine,
  describeFormula,
  type GradientMap,
  identityMap,
  isSymmetric,
  type KernelFormula,
  type KernelRequest,
  scaleMap,
  signMap,
  textbookKernel,
} from './index.js';
import { kernelBlock, sum, transposed } from './testing/compare.js';
import { drawnDirection } from './testing/drawn-direction.js';
import { doublyEmphatic, emphatic } from './testing/own-formula.js';
import { sharedJacobian } from './testing/shared-jacobian.js';
import { smallestBudget } from './testing/smallest-budget.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(async () => {
  expect(runtime.residentBytes).toBe(0);
  await runtime.close();
});

const made = (train: GradientMap, query: GradientMap, finish?: KernelFormula['finish']): KernelFormula => ({
  ...{ name: 'made', title: 'Made', train, query, finish },
});

/** Formulas that none of those that there are is like, by what they exercise. */
const madeFormulas: Readonly<Record<string, (model: LanguageModel) => KernelFormula>> = {
  'sign, scale': (model) => made(signMap, scaleMap(drawnDirection(model, 1))),
  'sign, scale, each divided by the lengths': (model) =>
    made(signMap, scaleMap(drawnDirection(model, 1)), cosine.finish),
  'scale, sign': (model) => made(scaleMap(drawnDirection(model, 1)), signMap),
  'identity, scale': (model) => made(identityMap, scaleMap(drawnDirection(model, 1))),
  'two scales': (model) => made(scaleMap(drawnDirection(model, 1)), scaleMap(drawnDirection(model, 2))),
  'one scale': (model) => {
    const scale = scaleMap(drawnDirection(model, 1));
    return made(scale, scale);
  },
  'two copies of a map': () => made(signMap, { ...signMap }),
  'a formula of one’s own, with a finish': () => emphatic,
  'a symmetric formula of one’s own': () => doublyEmphatic,
};

describe.each(sampled(['roberta', 'gpt2', 'albert', 'albert-groups', 'electra', 'distilbert-relu'], 1))(
  'of a tiny %s',
  (name) => {
    const { directory, examples, labelWordIds } = architectureCase(name);
    const [train, test_] = [examples.slice(0, 3), examples.slice(3)];
    const jacobianOf = sharedJacobian();
    let model: LanguageModel;
    beforeAll(async () => {
      model = await loadModel(directory);
    });
    afterAll(() => model.close());

    test.each(sampled(Object.entries(madeFormulas), 3))('“%s” gives the textbook kernel', async (_, make) => {
      const formula = make(model);
      const common = { model, formula, train, labelWordIds };
      const expected = await textbookKernel({ ...common, queries: [...train, ...test_] }, jacobianOf);
      const request: KernelRequest = { ...common, runtime, queries: { test: test_ }, batchSize: 2 };
      const memory = await smallestBudget(request);
      for (const options of [{}, { memory, batchSize: 1 }]) {
        const found = await computeKernels({ ...request, ...options });
        for (const [split, columns] of [
          ['train', [0, 1, 2]],
          ['test', [3]],
        ] as const) {
          const { kernel, flipped } = found[split]!;
          const compare = (a: NDArray, b: NDArray) =>
            expect(relativeDifference(a, kernelBlock(b, [0, 1, 2], columns))).toBeLessThan(1e-5);
          compare(kernel, expected.kernel);
          expect(flipped === undefined).toBe(isSymmetric(formula));
          if (flipped) compare(flipped, expected.flipped!);
        }
      }
    });
  },
);

test('what the two maps make symmetric is so, and the flipped kernel of others is the transpose', async () => {
  const { directory, examples, labelWordIds } = architectureCase('roberta');
  const model = await loadModel(directory);
  const common = { model, runtime, labelWordIds, train: examples, queries: {}, batchSize: 3 };
  for (const [name, make] of Object.entries(madeFormulas)) {
    const formula = make(model);
    const { train } = await computeKernels({ ...common, formula });
    const turned = transposed(train.kernel);
    if (name === 'two copies of a map') {
      expect(train.flipped).toEqual(train.kernel);
      expect(turned).toEqual(train.kernel);
    } else if (train.flipped) {
      expect(relativeDifference(train.flipped, turned)).toBeLessThan(1e-6);
      expect(relativeDifference(train.flipped, train.kernel)).toBeGreaterThan(1e-3);
    } else if (formula.train === formula.query) expect(turned).toEqual(train.kernel);
    // ⟨F g, G g'⟩ and ⟨F g', G g⟩ are rounded differently.
    else expect(relativeDifference(turned, train.kernel)).toBeLessThan(1e-6);
  }
  await model.close();
});

test('a formula of one’s own is named in manifests, and its parts add up where it has no finish', async () => {
  expect(describeFormula(emphatic)).toEqual({ name: 'emphatic', power: 2 });
  expect(describeFormula(doublyEmphatic)).toBe('doubly-emphatic');
  const { directory, examples, labelWordIds } = architectureCase('albert');
  const model = await loadModel(directory);
  const request = { model, runtime, labelWordIds, train: examples, queries: {}, formula: doublyEmphatic };
  const parts = Object.values(await computeKernelBlocks(request, 'parameter'));
  const whole = await computeKernels(request);
  expect(relativeDifference(sum(parts.map(({ train }) => train.kernel)), whole.train.kernel)).toBeLessThan(
    1e-6,
  );
  await model.close();
});
