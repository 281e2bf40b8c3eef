import { Mt19937 } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { computeKernels, FormulaNotAvailableError, openKernelOperators } from '@ntk-lens/kernels';
import { loadModel } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSpace } from '../parse-space.js';
import { adapterCase, adapterNames, tinyModel } from '../testing/adapter-cases.js';

const { examples, labelWordIds } = adapterCase(adapterNames[0]!);
const [train, queries] = [examples.slice(0, 3), { test: examples.slice(2) }];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(async () => {
  expect(runtime.residentBytes).toBe(0);
  await runtime.close();
});

const cases = ['roberta', 'gpt2', 'albert'].flatMap((model) =>
  ['lora:r=2', 'bitfit', 'prefix:3', 'ia3', 'prompt:2'].map((spec) => [model, spec] as const),
);

test.each(sampled(cases, 2))(
  'the operator of a tiny %s in the space %s is its kernel',
  async (name, spec) => {
    const model = await loadModel(tinyModel(name));
    const { kernel: own } = await parseSpace(spec).apply(model, { seed: 3 });
    const request = { ...own, runtime, formula: 'sgd', train, queries, labelWordIds };
    const { test: dense } = await computeKernels(request);
    const { splits, close } = await openKernelOperators(request);
    const { kernel } = splits.test!;
    const random = new Mt19937(1);
    const v = Float64Array.from({ length: kernel.shape[0] }, () => random.standardNormal());
    // Kᵀ v: the dense kernel has a row for every training example.
    const [rows, columns] = [kernel.shape[1], kernel.shape[0]];
    const expected = Float64Array.from({ length: rows }, (_, i) =>
      v.reduce((sum, value, j) => sum + value * dense!.kernel.data[i * columns + j]!, 0),
    );
    const found = await kernel.rmatvec(v);
    expect(
      relativeDifference({ shape: [rows], data: found }, { shape: [rows], data: expected }),
    ).toBeLessThan(1e-5);
    await close();
    await model.close();
  },
);

test('an operator in a random subspace is refused before any work', async () => {
  const model = await loadModel(tinyModel('roberta'));
  const { kernel: own } = await parseSpace('intrinsic:16').apply(model, { seed: 1 });
  const unread = { ...own.model, read: () => expect.fail('weights were read') };
  const attempt = openKernelOperators({
    ...own,
    model: unread,
    runtime,
    formula: 'sgd',
    train,
    queries,
    labelWordIds,
  });
  await expect(attempt).rejects.toThrow(FormulaNotAvailableError);
  await model.close();
});
