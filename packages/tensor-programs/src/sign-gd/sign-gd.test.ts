import { fileURLToPath } from 'node:url';
import { BadArgumentError, type EncodedExample } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { loadModel } from '@ntk-lens/models';
import { parseSpace, type SpaceModel } from '@ntk-lens/subspace';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { measureEarlyAdam, measureKernelAnalogue } from '../index.js';

const fixture = fileURLToPath(new URL('../../../models/fixtures/architectures/roberta', import.meta.url));
const examples: EncodedExample[] = Array.from({ length: 6 }, (_, i) => ({
  inputIds: [6, 20 + i, 30 + (i % 3), 40 + 2 * i, 4, 50, 9],
  position: 4,
}));

let runtime: Runtime;
let space: SpaceModel;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  space = await parseSpace('full').apply(await loadModel(fixture));
});
afterAll(async () => {
  await runtime.close();
  await space.close();
});

const training = () => ({
  ...{ runtime, space, examples, labelWordIds: [41, 17], learningRate: 1e-5, seed: 1, steps: 4 },
  train: { examples, labels: examples.map((_, i) => i % 2) },
});

it('Adam without memory is SignGD, and with torch’s defaults only its first step is', async () => {
  const none = { name: 'adam', beta1: 0, beta2: 0, eps: 1e-30 } as const;
  const forgetful = await measureEarlyAdam({ ...training(), batchSize: 3, optimizer: none });
  for (const cosine of forgetful.steps) expect(cosine).toBeGreaterThan(0.999);
  expect(forgetful.trajectory).toBeGreaterThan(0.999);
  expect(forgetful.outputs.relative!).toBeLessThan(1e-2);
  const adam = await measureEarlyAdam({ ...training(), batchSize: 3 });
  expect(adam.steps[0]).toBeGreaterThan(0.98);
  expect(adam.steps[3]).toBeLessThan(0.98);
});

it('the A-SignGD kernel is what single steps of SignGD do, and the first one of Adam', async () => {
  const [signed, adam] = await measureKernelAnalogue({ ...training(), optimizers: ['signgd', 'adam'] });
  expect(signed!.optimizer).toBe('signgd');
  expect(signed!.steps).toHaveLength(4);
  expect(signed!.whole.relative!).toBeLessThan(0.05);
  expect(signed!.whole.r2!).toBeGreaterThan(0.99);
  expect(adam!.steps[0]!.relative!).toBeLessThan(0.05);
  expect(adam!.whole.relative!).toBeGreaterThan(signed!.whole.relative!);
});

it('is defined for two labels', async () => {
  const three = { ...training(), labelWordIds: [41, 17, 12], optimizers: ['signgd'] as const };
  await expect(measureKernelAnalogue(three)).rejects.toThrow(BadArgumentError);
});
