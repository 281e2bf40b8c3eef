import { Mt19937, type NDArray, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { computeKernels } from '@ntk-lens/kernels';
import { forwardLogits, type LanguageModel, loadModel, rangeOf, takePart } from '@ntk-lens/models';
import { largestDifference, relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SubspaceTooLargeError } from '../errors.js';
import { johnsonLindenstraussBound } from '../kernels/johnson-lindenstrauss.js';
import { kernelDistance } from '../kernels/kernel-distance.js';
import { parseSpace } from '../parse-space.js';
import { denseProjection } from '../projections/dense.js';
import { hadamardProjection } from '../projections/hadamard-projection.js';
import type { RandomProjection } from '../projections/random-projection.js';
import { adapterCase, tinyModel } from '../testing/adapter-cases.js';
import { kernelOf, type LogitGradient, namedGradients } from '../testing/named-gradients.js';
import { projectedUses } from './intrinsic-uses.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

/** Πᵀ∇f with Π written out: one row of k numbers for every number of every parameter. */
const explicitCoordinates = (
  model: LanguageModel,
  projection: RandomProjection,
  gradients: readonly LogitGradient[],
): Float64Array[] => {
  const k = projection.dimension;
  const rows = gradients.map(() => new Float64Array(k));
  const seen = new Set<string>();
  for (const stage of model.stages([0])) {
    for (const { key, ref, rows: count, width } of projectedUses(stage, () => true)) {
      if (seen.has(key)) continue;
      seen.add(key);
      for (let j = 0; j < k; j++) {
        const unit = new Float64Array(k);
        unit[j] = 1;
        const column = projection.expand(projection.lengthen(unit), { key, row: 0, rows: count, width });
        for (const [i, gradient] of gradients.entries()) {
          const whole = ndarray<'float32'>(Float32Array.from(gradient.get(ref.name)!), ref.shape);
          const used = takePart(whole, rangeOf(ref)).data;
          for (const [x, value] of used.entries()) rows[i]![j]! += value * column[x]!;
        }
      }
    }
  }
  return rows;
};

const sign = (rows: readonly Float64Array[]) => rows.map((row) => row.map(Math.sign));

describe.each(sampled(['roberta', 'gpt2', 'albert'], 1))('%s', (name) => {
  const { examples: all, labelWordIds } = adapterCase(`${name}-lora`);
  const examples = all.slice(0, 3);
  let model: LanguageModel;
  let full: LogitGradient[];
  beforeAll(async () => {
    model = await loadModel(tinyModel(name));
    full = await namedGradients(model, examples, labelWordIds);
  });
  afterAll(() => model.close());
  const kernel = async (
    spec: string,
    formula: 'sgd' | 'signgd',
    point = new Map<string, NDArray<'float32'>>(),
  ) => {
    const space = (await parseSpace(spec).apply(model, { seed: 3 })).at(point);
    const request = { ...space.kernel, runtime, labelWordIds, queries: {}, batchSize: 2 };
    const { train } = await computeKernels({ ...request, train: examples, formula });
    return train;
  };

  for (const [spec, make] of [
    ['intrinsic:7,projection=dense', () => denseProjection(7, 3)],
    ['intrinsic:7,projection=hadamard', () => hadamardProjection(7, 3)],
    ['intrinsic:80,projection=hadamard', () => hadamardProjection(80, 3)],
  ] as const) {
    test(`the kernel of ${spec} is that of Πᵀ∇f with explicit Π`, async () => {
      const coordinates = explicitCoordinates(model, make(), full);
      const outputs = labelWordIds.length;
      const sgd = await kernel(spec, 'sgd');
      expect(relativeDifference(sgd.kernel, kernelOf(coordinates, outputs))).toBeLessThan(1e-5);
      const signgd = await kernel(spec, 'signgd');
      const near = coordinates.reduce((sum, row) => sum + row.filter((x) => Math.abs(x) < 1e-5).length, 0);
      expect(largestDifference(signgd.kernel, kernelOf(sign(coordinates), outputs))).toBeLessThanOrEqual(
        2 * near,
      );
    });
  }

  for (const spec of [
    'intrinsic:9,projection=dense',
    'intrinsic:40,projection=hadamard',
    'intrinsic:40,said=true',
  ]) {
    test(`${spec}: away from θ₀, the kernel is that of the autodiff through θ₀ + Πz`, async () => {
      const start = await parseSpace(spec).apply(model, { seed: 3 });
      const random = new Mt19937(9);
      const point = new Map(
        [...start.trainable].map(([parameter, shape]) => {
          const around = parameter.endsWith('scales') ? 1 : 0;
          const data = Float32Array.from(
            { length: shape[0]! },
            () => around + 0.02 * random.standardNormal(),
          );
          return [parameter, ndarray<'float32'>(data, shape)] as const;
        }),
      );
      const there = start.at(point);
      const gradients = await namedGradients(there, examples, labelWordIds, (parameter) =>
        start.trainable.has(parameter),
      );
      const rows = gradients.map((gradient) =>
        Float64Array.from([...start.trainable.keys()].flatMap((parameter) => [...gradient.get(parameter)!])),
      );
      const found = await kernel(spec, 'sgd', point);
      expect(relativeDifference(found.kernel, kernelOf(rows, labelWordIds.length))).toBeLessThan(2e-5);
      // Both views of the point are the same function, and not the one at θ₀.
      const logits = await forwardLogits({ model: there, runtime, examples, labelWordIds });
      expect(largestDifference(found.logits, logits)).toBeLessThan(2e-5);
      const before = await forwardLogits({ model: start, runtime, examples, labelWordIds });
      const plain = await forwardLogits({ model, runtime, examples, labelWordIds });
      expect(largestDifference(before, plain)).toBeLessThan(1e-6);
      expect(largestDifference(before, logits)).toBeGreaterThan(1e-3);
    });
  }
});

test('the kernel of a model with short rows stays within the bound too', async () => {
  const model = await loadModel(tinyModel('roberta'));
  const { examples, labelWordIds } = adapterCase('roberta-lora');
  const request = {
    runtime,
    labelWordIds,
    queries: {},
    train: examples.slice(0, 4),
    formula: 'sgd' as const,
  };
  const full = (await computeKernels({ ...request, model })).train.kernel;
  const [k, vectors] = [500, 4 * labelWordIds.length];
  const bound = johnsonLindenstraussBound({ dimension: k, vectors })!;
  for (const seed of [0, 1, 2, 3]) {
    const space = await parseSpace(`intrinsic:${k},projection=hadamard`).apply(model, { seed });
    const { kernel } = (await computeKernels({ ...request, ...space.kernel })).train;
    expect(kernelDistance(kernel, full).worst).toBeLessThan(bound);
  }
  await model.close();
});

test('kernels of different subspaces are of models of different hashes', async () => {
  const model = await loadModel(tinyModel('roberta'));
  const hash = async (spec: string, seed: number) =>
    (await parseSpace(spec).apply(model, { seed })).kernel.model.hash();
  const hashes = [
    await model.hash(),
    await hash('intrinsic:5', 1),
    await hash('intrinsic:5', 2),
    await hash('intrinsic:6', 1),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  await model.close();
});

test('a subspace cannot have more dimensions than there are parameters', async () => {
  const model = await loadModel(tinyModel('roberta'));
  await expect(parseSpace('intrinsic:1000000').apply(model)).rejects.toThrow(SubspaceTooLargeError);
  await expect(parseSpace('intrinsic:25,include=lm_head.bias+*none*').apply(model)).resolves.toBeDefined();
  await expect(parseSpace('intrinsic:25,include=*none*').apply(model)).rejects.toThrow(/match nothing/);
  await expect(parseSpace('intrinsic:3,said=true').apply(model)).rejects.toThrow(/5 layer scales/);
  await model.close();
});
