import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openSafetensors } from '@ntk-lens/checkpoints';
import { type EncodedExample, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { targetsOf } from '@ntk-lens/kernels';
import { causalExample, type LanguageModel, loadModel } from '@ntk-lens/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpaceModel } from '../space.js';
import { bitfitSpace } from '../spaces/bitfit.js';
import { fullSpace } from '../spaces/full.js';
import { loraSpace } from '../spaces/lora.js';
import { createOptimizer } from './optimizers/create-optimizer.js';
import type { OptimizerOptions } from './optimizers/index.js';
import { Trainer } from './run/trainer.js';
import { tunedModel } from './variables/tuned-model.js';

interface Case {
  readonly model: string;
  readonly space: 'full' | 'lora' | 'bitfit';
  readonly optimizer: 'sgd' | 'adam' | 'adamw' | 'signgd';
  readonly lr: number;
  readonly momentum?: number;
  readonly weight_decay?: number;
  readonly clip?: number;
  readonly losses: readonly number[];
  readonly moved: Readonly<Record<string, readonly string[]>>;
}

const fixtures = fileURLToPath(new URL('../../fixtures/training', import.meta.url));
const models = fileURLToPath(new URL('../../../models/fixtures/architectures', import.meta.url));
const cases = JSON.parse(readFileSync(`${fixtures}/steps.json`, 'utf8')) as Readonly<Record<string, Case>>;

/** The factors that the reference starts LoRA from. */
const loraStart = (model: SpaceModel): SpaceModel => {
  const point = new Map<string, ReturnType<typeof ndarray<'float32'>>>();
  let k = 0;
  for (const [name, [rows, columns]] of model.trainable as ReadonlyMap<string, [number, number]>) {
    const data = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        data[i * columns + j] = name.includes('lora_A')
          ? Math.cos(0.7 * i + 1.3 * j + 0.11 * k) / Math.sqrt(columns)
          : 0.02 * Math.sin(0.9 * i + 0.5 * j + 0.13 * k);
      }
    }
    if (name.includes('lora_B')) k++;
    point.set(name, ndarray<'float32'>(data, [rows, columns]));
  }
  return model.at(point);
};

const spaceOf = async (name: Case['space'], base: LanguageModel): Promise<SpaceModel> => {
  if (name === 'lora')
    return loraStart(await loraSpace({ r: 4, alpha: 8, targets: ['query', 'value'] }).apply(base));
  return (name === 'full' ? fullSpace() : bitfitSpace()).apply(base);
};

const optimizerOf = (wanted: Case): OptimizerOptions => {
  if (wanted.optimizer === 'signgd') return { name: 'signgd' };
  const weightDecay = wanted.weight_decay ?? 0;
  return wanted.optimizer === 'sgd'
    ? { name: 'sgd', momentum: wanted.momentum ?? 0, weightDecay }
    : { name: wanted.optimizer, weightDecay };
};

/** PEFT's names of what we name alike. */
const ourName = (name: string): string =>
  name.replace('.default.weight', '.weight').replace('.base_layer.', '.');

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

describe.each(Object.entries(cases))('training steps equal PyTorch: %s', (name, wanted) => {
  it('in losses and in how every parameter moves', async () => {
    const directory = `${models}/${wanted.model}`;
    const base = await loadModel(directory);
    const model = await spaceOf(wanted.space, base);
    const stored = JSON.parse(readFileSync(`${directory}/case.json`, 'utf8')) as {
      examples: EncodedExample[];
      labelWordIds: number[];
    };
    const examples = wanted.model.startsWith('gpt2') ? stored.examples.map(causalExample) : stored.examples;
    const trainer = await Trainer.open({
      runtime,
      model,
      labelWordIds: stored.labelWordIds,
      trainable: (parameter) => model.trainable.has(parameter),
      optimizer: createOptimizer(optimizerOf(wanted)),
      loss: 'cross-entropy',
      clipNorm: wanted.clip,
      train: examples,
      evaluated: [],
    });
    const batch = { examples, targets: targetsOf([0, 2, 1, 0], stored.labelWordIds.length) };
    const reference = await openSafetensors(`${fixtures}/steps.safetensors`);
    const losses: number[] = [];
    for (let step = 1; step <= 10; step++) {
      losses.push((await trainer.accumulate(batch, examples.length)) / examples.length);
      await trainer.step(
        step,
        wanted.lr,
        wanted.clip === undefined ? undefined : await trainer.gradientNorm(),
      );
      const moved = wanted.moved[String(step)];
      if (!moved) continue;
      const values = await Promise.all(
        trainer.plan.variables.map(async (variable) => ({
          variable,
          value: await trainer.store.download(variable),
        })),
      );
      const tuned = tunedModel(model, values);
      let [error, size] = [0, 0];
      for (const parameter of moved) {
        const own = ourName(parameter);
        const [before, after] = [await model.read(own), await tuned.read(own)];
        const expected = await reference.read(`${name} ${step} ${parameter}`);
        let [difference, movement, weight] = [0, 0, 0];
        for (const [i, delta] of expected.data.entries()) {
          difference += (after.data[i]! - before.data[i]! - delta) ** 2;
          movement += delta ** 2;
          weight += before.data[i]! ** 2;
        }
        // A weight that moves little keeps the rounding of its own size.
        const allowed = 1e-4 * Math.sqrt(movement) + 1e-7 * Math.sqrt(weight);
        expect(Math.sqrt(difference), `${own} after ${step} steps`).toBeLessThan(allowed);
        error += difference;
        size += movement;
      }
      expect(Math.sqrt(error / size)).toBeLessThan(5e-5);
    }
    losses.push((await trainer.accumulate(batch, examples.length)) / examples.length);
    for (const [i, loss] of losses.entries())
      expect(Math.abs(loss / wanted.losses[i]! - 1)).toBeLessThan(1e-5);
    await trainer.release();
    await reference.close();
    await base.close();
  });
});
