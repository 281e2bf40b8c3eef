import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mt19937, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, loadModel, saveModel } from '@ntk-lens/models';
import { largestDifference } from '@ntk-lens/testing/compare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotMergeableError } from '../errors.js';
import { parseSpace } from '../parse-space.js';
import { adapterCase, tinyModel } from '../testing/adapter-cases.js';

let runtime: Runtime;
let directory: string;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  directory = await mkdtemp(join(tmpdir(), 'ntk-lens-merged-'));
});
afterAll(async () => {
  await runtime.close();
  await rm(directory, { recursive: true });
});

const spaces = [
  'full:include=*layer.1.*+*h.1.*+*albert_layers*',
  'head',
  'bitfit',
  'lora:r=2,targets=value+output',
  'lora:r=2,targets=value+output,also=*LayerNorm*+*ln_*+*value.weight+*c_proj.weight',
  'ia3',
  'ia3:targets=value+intermediate,feedforward=intermediate',
  'intrinsic:20,projection=hadamard',
  'intrinsic:20,projection=dense,said=true',
];

test.each(['roberta', 'gpt2', 'albert'].flatMap((name) => spaces.map((spec) => [name, spec] as const)))(
  '%s, %s: the model that is saved computes what the space does',
  async (name, spec) => {
    const { examples, labelWordIds } = adapterCase(`${name}-lora`);
    const model = await loadModel(tinyModel(name));
    const start = await parseSpace(spec).apply(model, { seed: 1 });
    const random = new Mt19937(8);
    const point = new Map(
      await Promise.all(
        [...start.trainable.keys()].map(async (parameter) => {
          const { data, shape } = await start.read(parameter);
          const moved = Float32Array.from(data, (x) => x + 0.02 * random.standardNormal());
          return [parameter, ndarray<'float32'>(moved, shape)] as const;
        }),
      ),
    );
    const tuned = start.at(point);
    const logits = await forwardLogits({ model: tuned, runtime, examples, labelWordIds });
    await saveModel(directory, model, { baseDirectory: tinyModel(name), changed: await tuned.merged() });
    const saved = await loadModel(directory);
    const again = await forwardLogits({ model: saved, runtime, examples, labelWordIds });
    expect(largestDifference(again, logits)).toBeLessThan(2e-5);
    const before = await forwardLogits({ model, runtime, examples, labelWordIds });
    expect(largestDifference(before, logits)).toBeGreaterThan(1e-4);
    await saved.close();
    await model.close();
  },
);

test.each(['prefix:2', 'prompt:2'])('%s is not a point of the model’s own parameters', async (spec) => {
  const model = await loadModel(tinyModel('roberta'));
  await expect((await parseSpace(spec).apply(model)).merged()).rejects.toThrow(NotMergeableError);
  await model.close();
});
