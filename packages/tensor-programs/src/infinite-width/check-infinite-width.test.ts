import { Mt19937, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { computeKernelBlocks, computeKernels } from '@ntk-lens/kernels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkInfiniteWidth } from './check-infinite-width.js';
import { infiniteKernels } from './infinite-kernels.js';
import { perceptronModel } from './perceptron-model.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

const random = new Mt19937(11);
const inputs = ndarray<'float64'>(
  Float64Array.from({ length: 24 }, () => random.standardNormal()),
  [4, 6],
);
const request = (model: ReturnType<typeof perceptronModel>) => ({
  model,
  runtime,
  formula: 'sgd' as const,
  train: model.examples,
  queries: {},
  labelWordIds: model.outputIds,
  parameters: model.isParameter,
});

describe('the empirical NTK, as computeKernels has it, goes to its closed form as n^(−1/2)', () => {
  it.each([
    { nonlinearity: 'relu' as const, hiddenLayers: 2, weightScale: Math.SQRT2, biasScale: 0 },
    { nonlinearity: 'erf' as const, hiddenLayers: 3, weightScale: 1.5, biasScale: 0.3 },
  ])('$nonlinearity, $hiddenLayers hidden', async (shape) => {
    const { law, finding, errors } = await checkInfiniteWidth({
      shape,
      runtime,
      inputs,
      widths: [64, 128, 256, 512],
      seeds: Array.from({ length: 16 }, (_, seed) => seed),
    });
    expect(Math.abs(law.slope + 0.5)).toBeLessThan(0.1);
    expect(finding.verdict).toBe('holds');
    const widest = errors.at(-1)!.values;
    expect(widest.reduce((sum, error) => sum + error, 0) / widest.length).toBeLessThan(0.15);
    expect(runtime.residentBytes).toBe(0);
  });
});

it('different outputs have equal kernels and none between them in the limit', async () => {
  const shape = { nonlinearity: 'relu' as const, hiddenLayers: 1, weightScale: 1.2, biasScale: 0.5 };
  const model = perceptronModel({ ...shape, width: 1024, inputs, outputs: 2, seed: 3 });
  const { train } = await computeKernels(request(model));
  const { ntk } = infiniteKernels(shape, inputs);
  const scale = Math.max(...ntk.data);
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      for (const [c, d] of [
        [0, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        const found = train.kernel.data[((i * 2 + c) * 4 + j) * 2 + d]!;
        expect(Math.abs(found - (c === d ? ntk.data[4 * i + j]! : 0))).toBeLessThan(0.15 * scale);
      }
    }
  }
});

it('the last layer alone is the NNGP kernel', async () => {
  const shape = { nonlinearity: 'erf' as const, hiddenLayers: 2, weightScale: 1.4, biasScale: 0.2 };
  const { nngp } = infiniteKernels(shape, inputs);
  const mean = new Float64Array(nngp.data.length);
  const seeds = [0, 1, 2, 3];
  for (const seed of seeds) {
    const model = perceptronModel({ ...shape, width: 512, inputs, seed });
    const { output } = await computeKernelBlocks(request(model), 'layer');
    for (const [at, value] of output!.train.kernel.data.entries()) mean[at]! += value / seeds.length;
  }
  const square = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value ** 2, 0);
  const error = square(nngp.data.map((value, at) => mean[at]! - value)) / square(nngp.data);
  expect(Math.sqrt(error)).toBeLessThan(0.06);
});

it('a model of a seed is the same whenever and in whatever order it is read', async () => {
  const make = (seed: number) =>
    perceptronModel({ nonlinearity: 'erf', hiddenLayers: 1, width: 5, inputs, seed });
  const [a, b, other] = [make(1), make(1), make(2)];
  const names = ['layers.0.weight', 'layers.1.weight'] as const;
  const first = await Promise.all(names.map((name) => a.read(name)));
  const second = await Promise.all([...names].reverse().map((name) => b.read(name)));
  expect(second.reverse()).toEqual(first);
  expect(await other.read(names[0])).not.toEqual(first[0]);
  expect(await a.hash()).toBe(await b.hash());
  expect(await a.hash()).not.toBe(await other.hash());
  await expect(a.read('layers.9.weight')).rejects.toThrow(/layers.9.weight/);
});

it('refuses fewer than three widths and sizes that are none', async () => {
  const shape = { nonlinearity: 'erf' as const, hiddenLayers: 1 };
  const check = checkInfiniteWidth({ shape, runtime, inputs, widths: [8, 16], seeds: [0] });
  await expect(check).rejects.toThrow(/three/);
  expect(() => perceptronModel({ ...shape, width: 0, inputs, seed: 0 })).toThrow(/width/);
  const none = ndarray<'float64'>(new Float64Array(0), [0, 3]);
  expect(() => perceptronModel({ ...shape, width: 4, inputs: none, seed: 0 })).toThrow(/inputs/);
});
