import { type EncodedExample, type NDArray, zeros } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { computeKernelBlocks, computeKernels, matchParameters } from '@ntk-lens/kernels';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { type LanguageModel, loadModel } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSpace } from '../parse-space.js';
import { johnsonLindenstraussBound } from './johnson-lindenstrauss.js';
import { kernelDistance } from './kernel-distance.js';

let runtime: Runtime;
let model: LanguageModel;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu' });
  model = await loadModel(modelDirectory);
});
afterAll(async () => {
  await model.close();
  await runtime.close();
});

const ids = [2307, 6659];
const examples: EncodedExample[] = Array.from({ length: 6 }, (_, i) => ({
  inputIds: [
    101,
    ...Array.from({ length: 5 + i }, (_, t) => 1996 + ((97 * i + 31 * t) % 2000)),
    103,
    1012,
    102,
  ],
  position: 6 + i,
}));
const request = () => ({ runtime, labelWordIds: ids, train: examples, queries: {}, formula: 'sgd' as const });

const scaled = (kernel: NDArray, factor: number): NDArray<'float64'> => ({
  dtype: 'float64',
  shape: kernel.shape,
  data: Float64Array.from(kernel.data, (x) => factor * x),
});

test('LoRA’s kernel at B = 0 is on average α²/(3rn) of the full one, and comes nearer as √(2/r)', async () => {
  const n = model.config.hiddenSize;
  const only = { include: ['*attention.self.query.weight', '*attention.self.value.weight'] };
  const full = await computeKernelBlocks(
    { ...request(), model, parameters: matchParameters(only) },
    'parameter',
  );
  const names = Object.keys(full);
  const sum = (kernels: readonly NDArray[]) => {
    const total = zeros('float64', kernels[0]!.shape);
    for (const { data } of kernels) for (const [i, x] of data.entries()) total.data[i]! += x;
    return total;
  };
  const whole = sum(names.map((name) => full[name]!.train.kernel));
  const alpha = 16;
  const errors: number[] = [];
  for (const r of [8, 64, 256]) {
    const space = await parseSpace(`lora:r=${r},alpha=${alpha}`).apply(model, { seed: 1 });
    const blocks = await computeKernelBlocks({ ...request(), ...space.kernel }, 'parameter');
    const factor = (3 * r * n) / alpha ** 2;
    const kernelOf = (name: string) =>
      scaled(blocks[name.replace(/weight$/, 'lora_B.weight')]!.train.kernel, factor);
    const perLayer = names.map((name) => relativeDifference(kernelOf(name), full[name]!.train.kernel));
    const mean = perLayer.reduce((total, x) => total + x, 0) / perLayer.length;
    // One draw's error per layer is about √(2/r) where activations point one way; averages over layers shrink it.
    expect(mean).toBeLessThan(1.2 * Math.sqrt(2 / r));
    expect(mean).toBeGreaterThan(0.2 * Math.sqrt(2 / r));
    const found = sum(names.map(kernelOf));
    const { scale, relative } = kernelDistance(found, whole);
    expect(Math.abs(scale - 1)).toBeLessThan(Math.sqrt(2 / r));
    errors.push(relative);
    // The gradient with respect to A is exactly zero.
    const ofA = Object.entries(blocks).filter(([name]) => name.endsWith('lora_A.weight'));
    for (const [, { train }] of ofA) expect(train.kernel.data.every((x) => x === 0)).toBe(true);
  }
  expect(errors[1]!).toBeLessThan(errors[0]!);
  expect(errors[2]!).toBeLessThan(errors[1]!);
});

test('the kernel of a random subspace comes nearer to the full one with k, within the bound', async () => {
  // Two layers show it in less time.
  const include = ['*.layer.0.*', '*.layer.1.*'];
  const full = await computeKernels({
    ...request(),
    model,
    parameters: matchParameters({ include }),
  });
  const errors: number[] = [];
  for (const k of [64, 1024, 8192]) {
    const space = await parseSpace(`intrinsic:${k},projection=hadamard,include=${include.join('+')}`).apply(
      model,
      { seed: 2 },
    );
    const { train } = await computeKernels({ ...request(), ...space.kernel });
    const { scale, worst, relative } = kernelDistance(train.kernel, full.train.kernel);
    const bound = johnsonLindenstraussBound({ dimension: k, vectors: examples.length * ids.length });
    if (bound !== undefined) expect(worst!).toBeLessThan(bound);
    expect(Math.abs(scale - 1)).toBeLessThan(5 / Math.sqrt(k));
    errors.push(relative);
  }
  expect(errors[1]!).toBeLessThan(errors[0]!);
  expect(errors[2]!).toBeLessThan(errors[1]!);
});
