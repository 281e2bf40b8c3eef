import { openSafetensors } from '@ntk-lens/checkpoints';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { computeKernels } from '@ntk-lens/kernels';
import { forwardLogits, type LanguageModel, loadModel } from '@ntk-lens/models';
import { largestDifference, relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSpace } from '../node/parse-space.js';
import { readAdapter } from '../node/peft/read-adapter.js';
import type { SpaceModel } from '../space.js';
import { adapterCase, adapterNames } from '../testing/adapter-cases.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

describe.each(sampled(adapterNames, 4))('%s', (name) => {
  const oracle = adapterCase(name);
  const { examples, labelWordIds } = oracle;
  let model: LanguageModel;
  let adapted: SpaceModel;
  beforeAll(async () => {
    model = await loadModel(oracle.modelDirectory);
    if (name.endsWith('-mlp')) {
      const file = await openSafetensors(`${oracle.directory}/point.safetensors`);
      const start = await parseSpace('prefix:5,mlp=7').apply(model);
      const tensors = file.names.map(async (tensor) => [tensor, await file.read(tensor)] as const);
      adapted = start.at(new Map(await Promise.all(tensors)));
      await file.close();
    } else adapted = await readAdapter(oracle.directory, model);
  });
  afterAll(() => model.close());

  test('logits are those of PEFT, padded and in a batch too', async () => {
    const logits = await forwardLogits({ model: adapted, runtime, examples, labelWordIds });
    expect(largestDifference(logits, oracle.logits)).toBeLessThan(2e-5);
    const one = await forwardLogits({ model: adapted, runtime, examples, labelWordIds, batchSize: 1 });
    expect(largestDifference(one, logits)).toBeLessThan(2e-5);
  });

  test('kernels over the space are those of float64 gradients', async () => {
    const request = {
      ...adapted.kernel,
      runtime,
      labelWordIds,
      train: examples,
      queries: {},
      batchSize: 2,
    } as const;
    const sgd = await computeKernels({ ...request, formula: 'sgd' });
    expect(relativeDifference(sgd.train.kernel, oracle.kernels.sgd)).toBeLessThan(1e-5);
    const signgd = await computeKernels({ ...request, formula: 'signgd' });
    expect(largestDifference(signgd.train.kernel, oracle.kernels.signgd)).toBeLessThanOrEqual(
      2 * oracle.nearZero,
    );
  });
});
