import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CancelledError, type EncodedExample } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { computeKernels } from '@ntk-lens/kernels';
import { type LanguageModel, loadModel } from '@ntk-lens/models';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { fineTune } from '../node/training/fine-tune.js';
import { parseSpace } from '../parse-space.js';
import { tinyModel } from '../testing/adapter-cases.js';
import type { FineTuneOptions } from './run/fine-tune-options.js';

const examples: EncodedExample[] = Array.from({ length: 6 }, (_, i) => ({
  inputIds: [6, 20 + i, 30 + (i % 3), 40 + 2 * i, 4, 50, 9],
  position: 4,
}));
const labels = examples.map((_, i) => i % 2);
const labelWordIds = [41, 17];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterEach(() => expect(runtime.residentBytes).toBe(0));
afterAll(() => runtime.close());

const training = (model: LanguageModel): Omit<FineTuneOptions, 'directory'> => ({
  ...{ runtime, model, labelWordIds, optimizer: { name: 'adam' }, learningRate: 5e-3, steps: 4, seed: 5 },
  train: { examples: examples.slice(0, 4), labels: labels.slice(0, 4) },
  dev: { examples: examples.slice(2), labels: labels.slice(2) },
  ...{ batchSize: 2, accumulationSteps: 2, clipNorm: 1, evaluateEvery: 2 },
});

const spaces = ['lora:r=2,dropout=0.1', 'bitfit', 'prefix:3', 'prompt:2', 'ia3', 'intrinsic:20', 'full'];
const cases = spaces.flatMap((space) => ['roberta', 'gpt2'].map((name) => [space, name] as const));

it.each(sampled(cases, 4))(
  'in the space %s of %s, frozen weights that are streamed change no bit of training or kernel',
  async (spec, name) => {
    const base = await loadModel(tinyModel(name));
    const model = await parseSpace(spec).apply(base, { seed: 3 });
    const tune = (streamed: boolean) => fineTune({ ...training(model), streamed });
    const [streamed, resident] = [await tune(true), await tune(false)];
    expect(streamed.values).toEqual(resident.values);
    expect(streamed.history).toEqual(resident.history);
    const kernels = (of: boolean) =>
      computeKernels({
        ...{
          ...model.kernel,
          runtime,
          labelWordIds,
          formula: 'sgd',
          train: examples.slice(0, 3),
          streamed: of,
        },
        queries: { test: examples.slice(3) },
      });
    expect(await kernels(true)).toEqual(await kernels(false));
    await base.close();
  },
);

it('a training with streamed weights that was interrupted ends with the same files', async () => {
  const base = await loadModel(tinyModel('gpt2'));
  const model = await parseSpace('lora:r=2').apply(base, { seed: 3 });
  const [whole, broken] = [await temporaryDirectory(), await temporaryDirectory()];
  const options = { ...training(model), streamed: true, checkpointEvery: 1 };
  await fineTune({ ...options, directory: whole });
  const controller = new AbortController();
  const stopped = fineTune({
    ...{ ...options, directory: broken, signal: controller.signal },
    onProgress: ({ phase, done }) => phase === 'fine-tune' && done === 2 && controller.abort(),
  });
  await expect(stopped).rejects.toThrow(CancelledError);
  expect(runtime.residentBytes).toBe(0);
  await fineTune({ ...options, directory: broken });
  const files = async (directory: string) =>
    Promise.all(
      (await readdir(directory)).sort().map(async (file) => [file, await readFile(join(directory, file))]),
    );
  expect(await files(broken)).toEqual(await files(whole));
  await base.close();
});

it('a weight that cannot be read in the middle of a training ends it, and nothing stays in the runtime', async () => {
  const base = await loadModel(tinyModel('gpt2'));
  let reads = 0;
  const failing: LanguageModel = {
    ...base,
    read: (name, options) => (++reads > 60 ? Promise.reject(new Error('disk')) : base.read(name, options)),
  };
  const model = await parseSpace('bitfit').apply(failing);
  await expect(fineTune({ ...training(model), streamed: true })).rejects.toThrow('disk');
  expect(reads).toBeGreaterThan(60);
  await base.close();
});
