import { fileURLToPath } from 'node:url';
import { BadArgumentError, type EncodedExample, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { encoderStates, loadModel } from '@ntk-lens/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fineTune } from '../node/training/fine-tune.js';
import { loraSpace } from '../spaces/lora.js';
import { createOptimizer } from './optimizers/create-optimizer.js';
import { Trainer } from './run/trainer.js';
import { pointOf } from './space-point.js';
import { randomHead, withClassifier } from './standard-head.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../models/fixtures/architectures/${name}`, import.meta.url));

const examples: EncodedExample[] = [
  { inputIds: [6, 20, 31, 4], position: 0 },
  { inputIds: [6, 22, 40, 41, 42, 43, 50, 60, 61, 4], position: 0 },
];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

it.each(['roberta', 'distilbert', 'albert', 'electra', 'gpt2'])(
  'the classifier of %s is W h + b of the hidden state that is read, and trains',
  async (name) => {
    const model = await loadModel(fixture(name));
    const read =
      name === 'gpt2' ? examples.map((e) => ({ ...e, position: e.inputIds.length - 1 })) : examples;
    const { weights } = randomHead(model, 3, 7);
    const bias = ndarray<'float32'>(Float32Array.of(0.1, -0.2, 0.3), [3]);
    const standard = withClassifier(model, { weights, bias });
    const states = await encoderStates({ model, runtime, examples: read, pooling: 'readout' });
    const trainer = await Trainer.open({
      runtime,
      model: standard,
      labelWordIds: [0, 1, 2],
      optimizer: createOptimizer({ name: 'sgd' }),
      loss: 'cross-entropy',
      train: read,
      evaluated: [],
    });
    const logits = await trainer.logits(read);
    await trainer.release();
    const d = model.config.hiddenSize;
    for (let i = 0; i < 2; i++) {
      for (let c = 0; c < 3; c++) {
        let expected = bias.data[c]!;
        for (let k = 0; k < d; k++) expected += weights.data[c * d + k]! * states.data[i * d + k]!;
        expect(logits.data[3 * i + c]).toBeCloseTo(expected, 5);
      }
    }
    const tuned = await fineTune({
      runtime,
      model: standard,
      labelWordIds: [0, 1, 2],
      train: { examples: read, labels: [2, 1] },
      optimizer: { name: 'adam' },
      learningRate: 1e-3,
      steps: 8,
      dropout: false,
    });
    expect(tuned.history.at(-1)!.loss!).toBeLessThan(tuned.history[1]!.loss!);
    expect(
      [...standard.parameters.keys()].some((parameter) => /lm_head|decoder|projector/.test(parameter)),
    ).toBe(false);
    await model.close();
  },
);

it('random heads have the spread of initializer_range and depend on the seed', async () => {
  const model = await loadModel(fixture('roberta'));
  const { weights } = randomHead(model, 40, 1);
  const variance = Array.from(weights.data).reduce((sum, x) => sum + x * x, 0) / weights.data.length;
  expect(Math.sqrt(variance)).toBeCloseTo(0.02, 3);
  expect(randomHead(model, 40, 1)).toEqual(randomHead(model, 40, 1));
  expect(randomHead(model, 40, 2)).not.toEqual(randomHead(model, 40, 1));
  expect(() => withClassifier(model, { weights, bias: ndarray(new Float32Array(3), [3]) })).toThrow(
    BadArgumentError,
  );
  await model.close();
});

it('a tuned model says where it is in its space', async () => {
  const model = await loadModel(fixture('roberta'));
  const lora = await loraSpace({ r: 2 }).apply(model, { seed: 2 });
  const train = { examples: examples.map((e) => ({ ...e, position: 2 })), labels: [0, 1] };
  const { model: tuned } = await fineTune({
    runtime,
    model: lora,
    labelWordIds: [41, 17],
    train,
    optimizer: { name: 'adam' },
    learningRate: 1e-2,
    steps: 3,
  });
  const point = await pointOf(tuned, lora);
  const moved = lora.at(point);
  for (const name of lora.trainable.keys()) {
    expect(await moved.read(name)).toEqual(await tuned.read(name));
    expect((await moved.read(name)).data).not.toEqual((await lora.read(name)).data);
  }
  await model.close();
});
