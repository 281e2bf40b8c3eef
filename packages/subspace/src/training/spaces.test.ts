import type { EncodedExample } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, type LanguageModel, loadModel } from '@ntk-lens/models';
import { largestDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fineTune } from '../node/training/fine-tune.js';
import { parseSpace } from '../parse-space.js';
import { tinyModel } from '../testing/adapter-cases.js';
import { pointOf } from './space-point.js';

const examples: EncodedExample[] = Array.from({ length: 6 }, (_, i) => ({
  inputIds: [6, 20 + i, 30 + (i % 3), 40 + 2 * i, 4, 50, 9],
  position: 4,
}));

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

const plain = ['full', 'head', 'bitfit', 'lora:r=2,dropout=0.1', 'ia3', 'prefix:3', 'prompt:3'];
const made = [
  'prefix:3,mlp=5',
  'intrinsic:20,projection=dense',
  'intrinsic:40,projection=hadamard,said=true',
];
const casesOf = (spaces: readonly string[], models: readonly string[]) =>
  spaces.flatMap((space) => models.map((name) => [space, name] as const));

it.each(
  sampled([...casesOf(plain, ['roberta', 'gpt2']), ...casesOf(made, ['roberta', 'gpt2', 'albert'])], 6),
)(
  'training in the space %s of %s lowers the loss; its point is the tuned model, and kernels see it',
  async (spec, name) => {
    const base = await loadModel(tinyModel(name));
    const model = await parseSpace(spec).apply(base, { seed: 3 });
    const labels = examples.map((_, i) => i % 2);
    const labelWordIds = [41, 17];
    const { model: tuned, history } = await fineTune({
      runtime,
      model,
      labelWordIds,
      train: { examples, labels },
      dev: { examples, labels },
      // Larger, so that dev always keeps the last step.
      metric: (() => {
        let calls = 0;
        return () => calls++;
      })(),
      optimizer: { name: 'adam' },
      learningRate: 5e-3,
      schedule: { decay: 'constant' },
      steps: 6,
      evaluateEvery: 3,
      dropout: false,
    });
    const dev = history.flatMap((entry) => (entry.dev ? [entry.dev.loss] : []));
    expect(dev.at(-1)!).toBeLessThan(dev[0]!);
    const moved = model.at(await pointOf(tuned, model));
    const logits = (of: LanguageModel) => forwardLogits({ model: of, runtime, examples, labelWordIds });
    const expected = await logits(tuned);
    expect(largestDifference(await logits(moved), expected)).toBeLessThan(5e-6);
    expect(largestDifference(await logits(moved.kernel.model), expected)).toBeLessThan(2e-5);
    await base.close();
  },
);
