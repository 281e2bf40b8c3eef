import type { NDArray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import {
  adam,
  computeKernels,
  FormulaNotAvailableError,
  formulas,
  type KernelFormula,
  type KernelRequest,
  textbookKernel,
} from '@ntk-lens/kernels';
import { type LanguageModel, loadModel, modelTypes } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedJacobian } from '../../../kernels/src/testing/shared-jacobian.js';
import { NoTargetsError } from '../errors.js';
import { parseSpace } from '../parse-space.js';
import { adapterCase, adapterNames, tinyModel } from '../testing/adapter-cases.js';

const { examples, labelWordIds } = adapterCase(adapterNames[0]!);
const [train, queries] = [examples.slice(0, 3), examples.slice(2)];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(async () => {
  expect(runtime.residentBytes).toBe(0);
  await runtime.close();
});

const spaces = ['lora:r=2', 'bitfit', 'prefix:3', 'ia3', 'prompt:2'];
/**
 * Adam has an ε well above float32's rounding of gradients, whose lengths are about 10: where one wrong label outweighs
 * all others, √v is that rounding at coordinates where its gradient happens to vanish, and float32 cannot know D = 1/√v.
 */
const cases: readonly (readonly [string, KernelFormula])[] = Object.entries({
  ...formulas,
  adam: adam({ eps: 1e-2 }),
});

/** Models of which every formula is computed; of all other architectures SGD's kernel is. */
const thorough: readonly string[] = ['roberta', 'gpt2', 'albert', 'distilbert'];

describe.each(sampled(modelTypes, 1))(
  'in spaces of a tiny %s computeKernels gives the textbook kernel:',
  (name) => {
    let model: LanguageModel;
    beforeAll(async () => {
      model = await loadModel(tinyModel(name));
    });
    afterAll(() => model.close());

    test.each(sampled(spaces, 2))('%s', async (spec) => {
      if (spec === 'bitfit' && ![...model.parameters.keys()].some((own) => own.endsWith('.bias'))) {
        await expect(parseSpace(spec).apply(model)).rejects.toThrow(NoTargetsError);
        return;
      }
      const space = await parseSpace(spec).apply(model, { seed: 3 });
      const jacobianOf = sharedJacobian();
      for (const binary of [false, true]) {
        for (const [, formula] of cases.filter(([own]) => own === 'sgd' || thorough.includes(name))) {
          const common = {
            ...{ ...space.kernel, formula, binary, train },
            labels: binary ? [1, 0, 0] : [1, 0, 2],
            labelWordIds: labelWordIds.slice(0, binary ? 2 : 3),
          };
          const expected = await textbookKernel({ ...common, queries }, jacobianOf);
          const found = await computeKernels({
            ...common,
            runtime,
            queries: { test: queries },
            batchSize: 2,
          });
          const what = `${formula.name}, binary: ${binary}`;
          const compare = (a: NDArray, b: NDArray) =>
            expect(relativeDifference(a, b), what).toBeLessThan(1e-5);
          compare(found.test!.kernel, expected.kernel);
          expect(found.test!.flipped === undefined).toBe(expected.flipped === undefined);
          if (expected.flipped) compare(found.test!.flipped!, expected.flipped);
        }
      }
    });
  },
);

test('in a random subspace adam is refused before any work, and cosine is that of projected gradients', async () => {
  const model = await loadModel(tinyModel('roberta'));
  const { kernel: own } = await parseSpace('intrinsic:16').apply(model, { seed: 1 });
  const request: Omit<KernelRequest, 'formula'> = {
    ...{ ...own, runtime, train, queries: { test: queries }, labels: [1, 0, 2], labelWordIds },
  };
  const unread = { ...own.model, read: () => expect.fail('weights were read') };
  const attempt = computeKernels({ ...request, model: unread, formula: 'adam' });
  await expect(attempt).rejects.toThrow(FormulaNotAvailableError);
  await expect(attempt).rejects.toThrow(/"adam": found a random subspace.*such as full or LoRA/);

  const all = { train: examples, queries: {} };
  const [plain, cosine] = [
    (await computeKernels({ ...request, ...all, formula: 'sgd' })).train.kernel,
    (await computeKernels({ ...request, ...all, formula: 'cosine' })).train.kernel,
  ];
  const size = plain.shape[0]! * plain.shape[1]!;
  const length = (i: number) => Math.sqrt(plain.data[i * size + i]!);
  const divided = plain.data.map((x, i) => x / length(Math.floor(i / size)) / length(i % size));
  expect(relativeDifference(cosine, { ...plain, data: divided })).toBeLessThan(1e-12);
  const { test: found } = await computeKernels({ ...request, formula: 'cosine' });
  const [rows, columns] = [3 * labelWordIds.length, queries.length * labelWordIds.length];
  const block = Float64Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), (i % columns) + 2 * labelWordIds.length];
    return cosine.data[row * size + column]!;
  });
  expect(relativeDifference(found!.kernel, { ...found!.kernel, data: block })).toBeLessThan(1e-6);
  await model.close();
});
