import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, loadModel } from '@ntk-lens/models';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSpace } from '../parse-space.js';
import { adapterCase, tinyModel } from '../testing/adapter-cases.js';
import { largestDifference } from '../testing/compare.js';
import { fineTune, pointOf } from '../training/index.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

test.each(
  ['prefix:3,mlp=5', 'intrinsic:20,projection=dense', 'intrinsic:40,projection=hadamard,said=true'].flatMap(
    (spec) => ['roberta', 'gpt2', 'albert'].map((name) => [spec, name] as const),
  ),
)('training in %s of %s lowers the loss; kernels see the tuned point', async (spec, name) => {
  const { examples, labelWordIds } = adapterCase(`${name}-lora`);
  const base = await loadModel(tinyModel(name));
  const model = await parseSpace(spec).apply(base, { seed: 3 });
  const labels = examples.map((_, i) => i % 2);
  const words = labelWordIds.slice(0, 2);
  const { model: tuned, history } = await fineTune({
    runtime,
    model,
    labelWordIds: words,
    train: { examples, labels },
    dev: { examples, labels },
    metric: (() => {
      let calls = 0;
      return () => calls++;
    })(),
    optimizer: { name: 'adam' },
    learningRate: 5e-3,
    schedule: { decay: 'constant' },
    steps: 8,
    evaluateEvery: 4,
    dropout: false,
  });
  const dev = history.flatMap((entry) => (entry.dev ? [entry.dev.loss] : []));
  expect(dev.at(-1)!).toBeLessThan(dev[0]!);
  const there = model.at(await pointOf(tuned, model));
  const logits = await forwardLogits({ model: tuned, runtime, examples, labelWordIds: words });
  const seen = await forwardLogits({ model: there.kernel.model, runtime, examples, labelWordIds: words });
  expect(largestDifference(seen, logits)).toBeLessThan(2e-5);
  await base.close();
});
