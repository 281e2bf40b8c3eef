import { fileURLToPath } from 'node:url';
import type { EncodedExample } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, loadModel } from '@ntk-lens/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fineTune } from '../node/training/fine-tune.js';
import { parseSpace } from '../parse-space.js';
import { pointOf } from './space-point.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../models/fixtures/architectures/${name}`, import.meta.url));

const examples: EncodedExample[] = Array.from({ length: 6 }, (_, i) => ({
  inputIds: [6, 20 + i, 30 + (i % 3), 40 + 2 * i, 4, 50, 9],
  position: 4,
}));

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

const spaces = ['full', 'head', 'bitfit', 'lora:r=2,dropout=0.1', 'ia3', 'prefix:3', 'prompt:3'];

it.each(spaces.flatMap((space) => ['roberta', 'gpt2'].map((name) => [space, name] as const)))(
  'training in the space %s of %s lowers the loss, and its point is the tuned model',
  async (spec, name) => {
    const base = await loadModel(fixture(name));
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
    const logits = async (of: typeof base) =>
      (await forwardLogits({ model: of, runtime, examples, labelWordIds })).data;
    const [a, b] = [await logits(moved), await logits(tuned)];
    for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i]!, 5);
    await base.close();
  },
);
