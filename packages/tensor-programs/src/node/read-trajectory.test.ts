import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EncodedExample } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, type LanguageModel, loadModel } from '@ntk-lens/models';
import { fineTune, parseSpace, type SpaceModel } from '@ntk-lens/subspace';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  measureFeatures,
  measureLinearization,
  measureSteps,
  NoTrajectoryError,
  OtherStartError,
  readTrajectory,
} from '../node.js';

const fixture = fileURLToPath(new URL('../../../models/fixtures/architectures/roberta', import.meta.url));
const examples: EncodedExample[] = Array.from({ length: 4 }, (_, i) => ({
  inputIds: [6, 20 + i, 30 + (i % 3), 40 + 2 * i, 4, 50, 9],
  position: 4,
}));
const labelWordIds = [41, 17];
const labels = examples.map((_, i) => i % 2);

let runtime: Runtime;
let base: LanguageModel;
let root: string;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  base = await loadModel(fixture);
  root = await mkdtemp(join(tmpdir(), 'ntk-lens-trajectory-'));
});
afterAll(async () => {
  await runtime.close();
  await base.close();
  await rm(root, { recursive: true });
});

const train = async (space: SpaceModel, learningRate: number): Promise<string> => {
  const directory = await mkdtemp(join(root, 'training-'));
  await fineTune({
    ...{ runtime, model: space, labelWordIds, train: { examples, labels }, directory, learningRate },
    optimizer: { name: 'sgd' },
    schedule: { decay: 'constant' },
    // Steps as long as the rate, whatever the space.
    clipNorm: 1e-3,
    steps: 3,
    dropout: false,
    trajectory: [1, 2, 3],
  });
  return directory;
};

const specs = ['full', 'bitfit', 'lora:r=2', 'prefix:3', 'intrinsic:40,said=true'];

describe.each(sampled(specs, 1))('the trajectory of a training in the space %s', (spec) => {
  it('is linear to first order: half the rate, half the relative error', async () => {
    const space = await parseSpace(spec).apply(base, { seed: 3 });
    const measured = async (rate: number) => {
      const points = await readTrajectory(await train(space, rate), space);
      expect(points.map(({ step }) => step)).toEqual([1, 2, 3]);
      const common = { runtime, space, examples, labelWordIds };
      const passes: string[] = [];
      const whole = await measureLinearization({
        ...{ ...common, points },
        onProgress: ({ phase, done, total }) => {
          if (phase === 'derivatives' && done === total) passes.push(phase);
        },
      });
      // All points share a backward pass.
      expect(passes.length).toBe(1);
      const start = { step: 0, open: async () => space };
      const pairs = [
        { from: start, to: points[0]! },
        { from: points[1]!, to: points[2]! },
      ];
      const steps = await measureSteps({ ...common, pairs });
      const reused = await measureSteps({ ...common, pairs, measured: whole });
      for (const [i, { error, ...step }] of steps.entries()) {
        expect(reused[i]).toMatchObject(step);
        expect(reused[i]!.error.relative! / error.relative!).toBeCloseTo(1, 3);
      }
      return { whole, step: steps[1]! };
    };
    const [coarse, fine] = [await measured(20), await measured(10)];
    const start = await forwardLogits({ model: space, runtime, examples, labelWordIds });
    for (const [i, f] of coarse.whole.start.data.entries()) expect(f).toBeCloseTo(start.data[i]!, 5);
    const [a, b] = [coarse.whole.points[2]!.error.relative!, fine.whole.points[2]!.error.relative!];
    expect(a).toBeLessThan(0.3);
    expect(a / b).toBeGreaterThan(1.3);
    expect(a / b).toBeLessThan(3);
    expect(coarse.step).toMatchObject({ from: 2, to: 3 });
    expect(coarse.step.error.relative!).toBeLessThan(0.15);
  });
});

it('features do not change where nothing moved, and do where training went, layer by layer', async () => {
  const space = await parseSpace('full').apply(base);
  const points = await readTrajectory(await train(space, 20), space);
  const stay = { step: 0, open: async () => space };
  const again = { step: 3, open: () => Promise.reject(new Error('The point of step 3 is known.')) };
  const [none, some, same] = await measureFeatures({
    ...{ runtime, space, examples, labelWordIds, formula: 'sgd' },
    points: [stay, points[2]!, again],
  });
  expect(same).toEqual(some);
  expect(none!.change).toMatchObject({ elementwise: 0, frobenius: 0 });
  expect(none!.change.cosine).toBeCloseTo(1, 12);
  expect(some!.change.frobenius).toBeGreaterThan(1e-3);
  expect(Object.keys(some!.layers!)).toContain('layer.0');
});

it('is refused where it is of another start, by the names of both, or missing', async () => {
  const space = await parseSpace('lora:r=2').apply(base, { seed: 3 });
  const other = await parseSpace('lora:r=2').apply(base, { seed: 4 });
  const directory = await train(space, 1);
  const refused = readTrajectory(directory, other);
  await expect(refused).rejects.toThrow(OtherStartError);
  await expect(refused).rejects.toThrow((await space.hash()).slice(0, 12));
  await expect(refused).rejects.toThrow((await other.hash()).slice(0, 12));
  await expect(readTrajectory(root, space)).rejects.toThrow(NoTrajectoryError);
});
