import type { NDArray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { type LanguageModel, loadModel } from '@ntk-lens/models';
import { largestDifference, relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { architectureCase, architectureNames } from '../../models/src/testing/architecture-cases.js';
import { computeKernels, formulas, type KernelFormula, type KernelRequest, textbookKernel } from './index.js';
import { prepareKernels } from './request/prepare.js';
import { type CalmSplit, calmSplit } from './testing/calm-split.js';
import { kernelBlock } from './testing/compare.js';
import { smallestBudget } from './testing/smallest-budget.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

const cases = Object.entries(formulas) as readonly (readonly [string, KernelFormula])[];
/** Two formulas for every model, by turns, so that two configurations of an architecture meet four of them. */
const casesOf = (name: string) => {
  const turn = architectureNames.indexOf(name);
  return [0, 2].map((next) => cases[(turn + next) % cases.length]!);
};

/** How calm the splits of a model are at least; gradients of some models are less calm on every split. */
const calmness = (name: string): number => {
  if (['gemma3_text', 'olmo2-biased', 'qwen3'].includes(name)) return 2e-5;
  return /^(gemma2|llama|mistral|olmo2|opt-post|qwen)/.test(name) ? 3e-6 : 1e-6;
};

describe.each(sampled(architectureNames, 1))(
  'computeKernels gives the textbook kernel of a tiny %s',
  (name) => {
    const { directory, examples, labelWordIds, nearZero } = architectureCase(name);
    const wordsOf = (binary: boolean) => labelWordIds.slice(0, binary ? 2 : 3);
    let model: LanguageModel;
    let splits: { readonly [binary in 'true' | 'false']: CalmSplit };
    beforeAll(async () => {
      model = await loadModel(directory);
      splits = {
        true: await calmSplit(model, examples, wordsOf(true), true, calmness(name)),
        false: await calmSplit(model, examples, wordsOf(false), false, calmness(name)),
      };
    });
    afterAll(() => model.close());

    test('labels and splits are such that float32 can compute the Adam kernel', () => {
      for (const { sensitivity } of Object.values(splits)) expect(sensitivity).toBeLessThan(calmness(name));
    });

    const expectTextbook = async (formula: KernelFormula, binary: boolean, ways: readonly Way[]) => {
      const { labels, ...own } = splits[`${binary}`];
      const train = own.train.map((i) => examples[i]!);
      // All training examples once more: at the smallest budget they do not fit into one tile, whatever their lengths.
      const [dev, test_] = [train, [examples[own.query]!]];
      const common = { model, formula, binary, train, labels, labelWordIds: wordsOf(binary) };
      const jacobian = own.jacobianOf([...own.train, ...own.train, own.query]);
      const queries = [...train, ...test_];
      const expected = await textbookKernel({ ...common, queries }, async () => jacobian);
      const compare = (found: NDArray, other: NDArray) => {
        // One sign that two float32 backends see differently changes an entry by at most 2.
        if (formula.name === 'signgd')
          expect(largestDifference(found, other)).toBeLessThanOrEqual(4 * nearZero);
        else {
          // Two float32 backends each know the Adam kernel as far as the split is calm.
          const known = formula.name === 'adam' ? 2 * splits[`${binary}`].sensitivity : 0;
          expect(relativeDifference(found, other)).toBeLessThan(Math.max(1e-5, known));
        }
      };
      for (const { batchSize, tight } of ways) {
        const request: KernelRequest = { ...common, runtime, batchSize, queries: { dev, test: test_ } };
        const memory = tight ? await smallestBudget(request) : undefined;
        if (tight) expect(prepareKernels({ ...request, memory }).plan.tiles.length).toBeGreaterThan(1);
        const found = await computeKernels({ ...request, memory });
        const columns = { train: [0, 1, 2], dev: [0, 1, 2], test: [3] } as const;
        for (const [split, own] of Object.entries(columns)) {
          const { kernel, flipped } = found[split as keyof typeof columns]!;
          compare(kernel, kernelBlock(expected.kernel, [0, 1, 2], own));
          expect(flipped !== undefined).toBe(formula.name === 'a-signgd');
          if (flipped) compare(flipped, kernelBlock(expected.flipped!, [0, 1, 2], own));
        }
      }
      expect(runtime.residentBytes).toBe(0);
    };

    test.each(casesOf(name))(
      '%s: a batch of all, and examples one by one in several tiles',
      async (_, formula) => {
        await expectTextbook(formula, false, [
          { batchSize: 32, tight: false },
          { batchSize: 1, tight: true },
        ]);
      },
    );

    test.each(casesOf(name))('%s: binary mode, batches of two', async (_, formula) => {
      await expectTextbook(formula, true, [{ batchSize: 2, tight: false }]);
    });
  },
);

/** How a kernel is computed, which must not matter. */
interface Way {
  readonly batchSize: number;
  /** In as little memory as possible, and so in several tiles. */
  readonly tight: boolean;
}
