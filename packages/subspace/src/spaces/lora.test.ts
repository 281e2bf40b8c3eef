import { openSafetensors } from '@ntk-lens/checkpoints';
import type { NDArray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { computeKernels } from '@ntk-lens/kernels';
import { forwardLogits, type LanguageModel, loadModel } from '@ntk-lens/models';
import { largestDifference, relativeDifference } from '@ntk-lens/testing/compare';
import { hasShared } from '@ntk-lens/testing/shared-path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenPeft } from '../testing/golden-peft.js';
import { loraSpace } from './lora.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu' });
});
afterAll(() => runtime.close());

describe.skipIf(!hasShared('golden/peft'))('LoRA equals PEFT (../shared/golden/peft)', () => {
  const golden = hasShared('golden/peft') ? goldenPeft() : undefined!;
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadModel(golden.directory);
  });
  afterAll(() => model.close());
  const stored = async (name: string) => {
    const file = await openSafetensors(`${golden.adapter(name)}/adapter_model.safetensors`);
    const point = new Map<string, NDArray<'float32'>>();
    for (const tensor of file.names)
      point.set(tensor.replace('base_model.model.', ''), await file.read(tensor));
    await file.close();
    return point;
  };

  test('the kernel at B = 0', async () => {
    const lora = (await loraSpace({ r: 4, alpha: 8 }).apply(model)).at(await stored('adapter_B0'));
    const { examples, labelWordIds } = golden;
    const { train } = await computeKernels({
      ...lora.kernel,
      runtime,
      labelWordIds,
      formula: 'sgd',
      train: examples,
      queries: {},
    });
    expect(relativeDifference(train.kernel, golden.kernel)).toBeLessThan(1e-5);
    expect(largestDifference(train.logits, golden.baseLogits)).toBeLessThan(1e-5);
  });

  test('the logits with B filled', async () => {
    const lora = (await loraSpace({ r: 4, alpha: 8 }).apply(model)).at(await stored('adapter'));
    const { examples, labelWordIds } = golden;
    const logits = await forwardLogits({ model: lora, runtime, examples, labelWordIds });
    expect(largestDifference(logits, golden.adapterLogits)).toBeLessThan(1e-5);
    expect(largestDifference(logits, golden.baseLogits)).toBeGreaterThan(1e-3);
  });
});
