import { fileURLToPath } from 'node:url';
import { createRuntime } from '@ntk-lens/engine';
import { targetsOf } from '@ntk-lens/kernels';
import { loadModel } from '@ntk-lens/models';
import { expect, it } from 'vitest';
import { createOptimizer } from '../optimizers/create-optimizer.js';
import type { OptimizerOptions } from '../optimizers/index.js';
import { Trainer } from './trainer.js';

const fixture = fileURLToPath(new URL('../../../../models/fixtures/architectures/bert', import.meta.url));
const examples = [
  { inputIds: [6, 20, 31, 4], position: 2 },
  { inputIds: [6, 11, 40, 52, 4], position: 3 },
];

it('each parameter moves by its factor times its own step, and a factor of 0 leaves it', async () => {
  const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  const model = await loadModel(fixture);
  const factors = new Map([...model.parameters.keys()].map((name, i) => [name, i % 4]));
  const movement = async (optimizer: OptimizerOptions, scaled: boolean) => {
    const trainer = await Trainer.open({
      runtime,
      model,
      labelWordIds: [41, 17],
      optimizer: createOptimizer(optimizer),
      loss: 'cross-entropy',
      train: examples,
      evaluated: examples,
      learningRateScale: scaled ? (name) => factors.get(name)! : undefined,
    });
    const start = new Map<string, ArrayLike<number>>();
    for (const variable of trainer.plan.variables)
      start.set(variable.key, (await trainer.store.download(variable)).data);
    await trainer.accumulate({ examples, targets: targetsOf([0, 1], 2) }, 2);
    await trainer.step(1, 0.01, undefined);
    const moved = new Map<string, { factor: number; by: Float64Array }>();
    for (const variable of trainer.plan.variables) {
      const { data } = await trainer.store.download(variable);
      const before = start.get(variable.key)!;
      moved.set(variable.key, {
        factor: factors.get(variable.parameter)!,
        by: Float64Array.from(data, (x, i) => x - before[i]!),
      });
    }
    await trainer.release();
    return moved;
  };
  for (const optimizer of [{ name: 'sgd' }, { name: 'adam' }, { name: 'signgd' }] as const) {
    const [plain, scaled] = [await movement(optimizer, false), await movement(optimizer, true)];
    for (const [key, { factor, by }] of scaled) {
      const own = plain.get(key)!.by;
      for (const [i, x] of by.entries()) expect(x).toBeCloseTo(factor * own[i]!, 6);
    }
  }
  await model.close();
  await runtime.close();
});

it('activations are those behind the logits', async () => {
  const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  const model = await loadModel(fixture);
  const trainer = await Trainer.open({
    runtime,
    model,
    labelWordIds: [41, 17],
    optimizer: createOptimizer({ name: 'sgd' }),
    loss: 'cross-entropy',
    train: examples,
    evaluated: examples,
  });
  const activations = await trainer.activations(examples);
  const before = runtime.residentBytes;
  const logits = await trainer.logits(examples);
  expect([...activations.keys()]).toEqual(model.stages([41, 17]).map(({ name }) => name));
  const { output, decoder } = activations.get('head')!;
  expect(output!.shape).toEqual([2, 2]);
  for (const [i, x] of logits.data.entries()) expect(output!.data[i]).toBeCloseTo(x, 5);
  expect([...decoder!.data]).toEqual([...output!.data]);
  expect(activations.get('layer.0')!['query']!.shape[2]).toBe(model.config.hiddenSize);
  await trainer.activations(examples);
  expect(runtime.residentBytes).toBe(before);
  await trainer.release();
  await model.close();
  await runtime.close();
});
