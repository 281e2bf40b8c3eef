import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSafetensors } from '@ntk-lens/checkpoints';
import { type EncodedExample, isError, Mt19937 } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, type LanguageModel, loadModel } from '@ntk-lens/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fineTune } from '../../node/training/fine-tune.js';
import { readPoint } from '../../node/training/read-point.js';
import { loraSpace } from '../../spaces/lora.js';
import {
  DamagedCheckpointError,
  DevelopmentSetError,
  DivergedError,
  NothingTrainableError,
  OtherTrainingError,
} from '../errors.js';
import { fractionRight, predictions } from './development.js';
import type { FineTuneOptions } from './fine-tune-options.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../models/fixtures/architectures/${name}`, import.meta.url));

/** Random sentences with many words of their label. */
const sentences = (count: number, seed: number): { examples: EncodedExample[]; labels: number[] } => {
  const random = new Mt19937(seed);
  const labels = Array.from({ length: count }, (_, i) => i % 2);
  const examples = labels.map((label) => {
    const inputIds = Array.from({ length: random.randint(4, 13) }, () => random.randint(20, 90));
    for (let i = 0; i < inputIds.length; i += 2) inputIds[i] = 10 + label;
    return { inputIds: [6, ...inputIds, 4], position: inputIds.length + 1 };
  });
  return { examples, labels };
};

let runtime: Runtime;
let model: LanguageModel;
const folders: string[] = [];
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  model = await loadModel(fixture('bert'));
});
afterAll(async () => {
  await model.close();
  await runtime.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const temporary = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'ntk-lens-training-'));
  folders.push(folder);
  return folder;
};

const base = (): FineTuneOptions => ({
  runtime,
  model,
  labelWordIds: [41, 17],
  train: sentences(10, 1),
  dev: sentences(12, 2),
  optimizer: { name: 'adam' },
  learningRate: 3e-3,
  steps: 12,
  batchSize: 4,
  clipNorm: 1,
  evaluateEvery: 4,
  seed: 3,
});

const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Every file in a directory and below. */
const bytesIn = async (directory: string): Promise<Record<string, string>> => {
  const names = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((e) =>
    e.isFile(),
  );
  const entries = names.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(directory.length), (await readFile(path)).toString('base64')] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
};

describe('fine-tuning', () => {
  it('learns, and keeps the first step with the best dev score, whose model gives that score', async () => {
    const options = { ...base(), train: sentences(32, 1), steps: 40, dropout: false };
    const { model: tuned, kept, history, steps } = await fineTune(options);
    expect(steps).toBe(40);
    const scores = history.flatMap(({ step, dev }) => (dev && step > 0 ? [{ step, score: dev.score }] : []));
    const best = Math.max(...scores.map(({ score }) => score));
    expect(kept).toEqual(scores.find(({ score }) => score === best));
    expect(best).toBeGreaterThan(0.8);
    expect(history.at(-1)!.loss!).toBeLessThan(history[1]!.loss! / 2);
    const logits = await forwardLogits({
      model: tuned,
      runtime,
      examples: options.dev!.examples,
      labelWordIds: options.labelWordIds,
    });
    expect(fractionRight(predictions(logits), options.dev!.labels)).toBe(kept.score);
    // Every batch's tensors were released: only the kept copies are outside of the runtime.
    expect(runtime.residentBytes).toBe(0);
  });

  it.each(['adam', 'sgd'] as const)('goes on after an interruption to the same bytes: %s', async (name) => {
    const trajectory = [0, 5];
    const optimizer = name === 'adam' ? { name } : { name, momentum: 0.9 };
    const whole = { ...base(), optimizer, directory: await temporary(), trajectory };
    const expected = await fineTune(whole);
    const broken = { ...whole, directory: await temporary() };
    for (const stop of [1, 6, 9]) {
      const controller = new AbortController();
      const error = await caught(
        fineTune({
          ...broken,
          signal: controller.signal,
          onProgress: ({ phase, done }) => phase === 'fine-tune' && done === stop && controller.abort(),
        }),
      );
      expect(error).toMatchObject({ kind: 'cancelled' });
    }
    const resumed = await fineTune(broken);
    expect(resumed.history).toEqual(expected.history);
    expect(resumed.kept).toEqual(expected.kept);
    expect(resumed.values).toEqual(expected.values);
    expect(await bytesIn(broken.directory)).toEqual(await bytesIn(whole.directory));
    // Finished: read, not trained.
    const again = await fineTune({
      ...whole,
      onProgress: ({ phase }) => expect(phase).not.toBe('fine-tune'),
    });
    expect(again.values).toEqual(expected.values);
  });

  it('of several batches a step is that of one batch of all of them', async () => {
    const options = { ...base(), train: sentences(8, 5), steps: 3, dropout: false };
    const { dev: _, ...rest } = options;
    const once = await fineTune({ ...rest, batchSize: 8 });
    const accumulated = await fineTune({ ...rest, batchSize: 4, accumulationSteps: 2 });
    for (const [i, { value }] of once.values.entries())
      for (const [k, x] of value.data.entries())
        expect(Math.abs(accumulated.values[i]!.value.data[k]! - x)).toBeLessThan(2e-5);
  });

  it.each(['tfjs-cpu', 'tfjs-wasm'] as const)('is the same on an eager runtime: %s', async (name) => {
    const { dev: _, ...rest } = { ...base(), steps: 2, train: sentences(4, 6) };
    const eager = await createRuntime({ runtime: name });
    const compiled = await fineTune(rest);
    const other = await fineTune({ ...rest, runtime: eager });
    await eager.close();
    for (const [i, { value }] of compiled.values.entries())
      for (const [k, x] of value.data.entries())
        expect(Math.abs(other.values[i]!.value.data[k]! - x)).toBeLessThan(2e-5);
    for (const [i, { loss = 0 }] of compiled.history.entries())
      expect(Math.abs((other.history[i]!.loss ?? 0) - loss)).toBeLessThan(1e-5);
  });

  it('drops units as the seed says, and not in evaluation', async () => {
    const options = { ...base(), steps: 2 };
    const [first, same, other, none] = [
      await fineTune(options),
      await fineTune(options),
      await fineTune({ ...options, seed: 4 }),
      await fineTune({ ...options, dropout: false }),
    ];
    expect(same.history).toEqual(first.history);
    expect(other.history[1]!.loss).not.toBe(first.history[1]!.loss);
    expect(none.history[1]!.loss).not.toBe(first.history[1]!.loss);
    expect(none.history[0]!.dev).toEqual(first.history[0]!.dev);
  });

  it('of a space moves its parameters alone', async () => {
    const lora = await loraSpace({ r: 2, dropout: 0.1 }).apply(model, { seed: 1 });
    const { values, model: tuned } = await fineTune({ ...base(), model: lora });
    expect(new Set(values.map(({ variable }) => variable.stored))).toEqual(
      new Set([...lora.trainable.keys()].map((name) => lora.storedName(name))),
    );
    const untouched = 'bert.encoder.layer.0.attention.self.query.weight';
    expect(await tuned.read(untouched)).toEqual(await model.read(untouched));
  });

  it.each(['bert', 'gpt2'])('leaves points of its trajectory, which are read as models: %s', async (name) => {
    const own = await loadModel(fixture(name));
    const directory = await temporary();
    const { dev: _, ...rest } = {
      ...base(),
      model: own,
      steps: 3,
      batchSize: 10,
      directory,
      trajectory: [0, 2, 3],
    };
    const { model: tuned } = await fineTune({ ...rest, train: sentences(10, 4) });
    const at = (step: number) => readPoint(join(directory, `trajectory/step-00000${step}.safetensors`), own);
    const [start, middle, end] = [await at(0), await at(2), await at(3)];
    for (const parameter of own.parameters.keys()) {
      expect(await start.read(parameter)).toEqual(await own.read(parameter));
      expect(await end.read(parameter)).toEqual(await tuned.read(parameter));
    }
    expect(await middle.hash()).not.toBe(await end.hash());
    // Tensors are read when they are wanted, from a file that must still be there.
    await truncate(join(directory, 'trajectory/step-000003.safetensors'), 100);
    const [first] = own.parameters.keys();
    expect(isError(await caught(end.read(first!)), DamagedCheckpointError)).toBe(true);
    const stranger = await loadModel(fixture('roberta'));
    expect(
      isError(
        await caught(readPoint(join(directory, 'trajectory/step-000002.safetensors'), stranger)),
        DamagedCheckpointError,
      ),
    ).toBe(true);
    await stranger.close();
    await own.close();
  });

  it('stops early when dev no longer gains', async () => {
    const metric = () => 0.5;
    const { steps, kept } = await fineTune({ ...base(), metric, evaluateEvery: 2, patience: 2 });
    expect([steps, kept]).toEqual([6, { step: 2, score: 0.5 }]);
  });
});

describe('fine-tuning refuses', () => {
  it('a development set that cannot choose, before any work', async () => {
    const dev = sentences(4, 2);
    for (const bad of [
      { examples: [], labels: [] },
      { examples: dev.examples, labels: [1, 1, 1, 1] },
      { examples: dev.examples, labels: [1, 0] },
    ]) {
      const error = await caught(fineTune({ ...base(), dev: bad }));
      expect(isError(error, DevelopmentSetError)).toBe(true);
    }
  });

  it('settings out of range', async () => {
    for (const bad of [
      { learningRate: Number.NaN },
      { learningRate: 0 },
      { steps: 0 },
      { batchSize: 1.5 },
      { clipNorm: 0 },
      { schedule: { warmUpSteps: 13 } },
      { optimizer: { name: 'sgd', momentum: 1 } },
      { optimizer: { name: 'rmsprop' } },
      { trajectory: [1] },
    ])
      expect(await caught(fineTune({ ...base(), ...bad } as FineTuneOptions))).toMatchObject({
        code: 'BAD_ARGUMENT',
      });
    expect(
      isError(await caught(fineTune({ ...base(), trainable: () => false })), NothingTrainableError),
    ).toBe(true);
  });

  it('a learning rate that diverges, at the first loss that is not finite; the last good checkpoint stays', async () => {
    const directory = await temporary();
    const options = { ...base(), directory, learningRate: 1e38, clipNorm: 1e38, checkpointEvery: 1 };
    const { clipNorm: _, ...unclipped } = options;
    const error = await caught(
      fineTune({ ...unclipped, optimizer: { name: 'sgd' }, schedule: { warmUpSteps: 1 }, dropout: false }),
    );
    if (!isError(error, DivergedError)) throw error;
    // The first step of the warm-up has rate 0, the second one is too long.
    expect(error.step).toBe(3);
    const state = (await readdir(directory)).find((name) => name.startsWith('state-'))!;
    expect(state).toBe('state-000001.safetensors');
    expect(error.message).toContain(state);
    const source = await openSafetensors(join(directory, state));
    for (const name of source.names) await source.read(name);
    await source.close();
    expect(runtime.residentBytes).toBe(0);
  });

  it('a checkpoint of other settings, naming them, and a damaged one', async () => {
    const directory = await temporary();
    await fineTune({ ...base(), steps: 4, directory });
    const other = await caught(fineTune({ ...base(), steps: 4, directory, learningRate: 1e-4, seed: 9 }));
    if (!isError(other, OtherTrainingError)) throw other;
    expect(other.message).toMatch(/learningRate: found 0\.003, expected 0\.0001; seed: found 3, expected 9/);
    const best = (await readdir(directory)).find((name) => name.startsWith('best-'))!;
    await truncate(join(directory, best), 2000);
    expect(isError(await caught(fineTune({ ...base(), steps: 4, directory })), DamagedCheckpointError)).toBe(
      true,
    );
    await writeFile(join(directory, 'checkpoint.json'), '{"format":');
    expect(isError(await caught(fineTune({ ...base(), steps: 4, directory })), DamagedCheckpointError)).toBe(
      true,
    );
  });
});
