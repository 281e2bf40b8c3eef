import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { sampled } from '@ntk-lens/testing/sampled';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { withWordRows, wordRowsOf } from '../batching/word-rows.js';
import type { LanguageModel } from '../language-model.js';
import { loadModel } from '../node/load-model.js';
import { architectureCase, architectureNames } from '../testing/architecture-cases.js';
import { forwardLogits } from './forward-logits.js';
import { StreamedWeights } from './stream-stage-weights.js';
import { uploadStageWeights } from './upload-stage-weights.js';
import { streamedBytesOf, weightBytesOf } from './weight-uses.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterEach(() => expect(runtime.residentBytes).toBe(0));
afterAll(() => runtime.close());

test.each(sampled(architectureNames, 4))(
  '%s: logits are the same to the last bit, and two stages are in memory, or one where work says when it turns',
  async (name) => {
    const { directory, examples, labelWordIds } = architectureCase(name);
    const model = await loadModel(directory);
    const request = { model, runtime, examples, labelWordIds, batchSize: 2 };
    const streamed = await forwardLogits({ ...request, streamed: true });
    expect(streamed).toEqual(await forwardLogits({ ...request, streamed: false }));

    const stages = withWordRows(model.stages(labelWordIds), wordRowsOf(examples, model.config));
    const resident = await uploadStageWeights(runtime, model, stages);
    const kept = runtime.residentBytes;
    expect(kept).toBe(weightBytesOf(model, stages));
    const weights = new StreamedWeights(runtime, model, stages);
    for (const stage of [...stages, ...[...stages].reverse(), ...stages]) {
      const own = await weights.of(stage);
      expect(Object.keys(own)).toEqual(Object.keys(stage.weights));
      for (const [local, tensor] of Object.entries(own))
        expect(await runtime.download(tensor)).toEqual(await runtime.download(resident.of(stage)[local]!));
      expect(runtime.residentBytes - kept).toBeLessThanOrEqual(streamedBytesOf(model, stages));
    }
    for (const stage of [...stages].reverse()) {
      weights.turnTo(stage);
      const own = await weights.of(stage);
      for (const [local, tensor] of Object.entries(own))
        expect(await runtime.download(tensor)).toEqual(await runtime.download(resident.of(stage)[local]!));
      expect(runtime.residentBytes - kept).toBe(weightBytesOf(model, [stage]));
    }
    await weights.release();
    expect(runtime.residentBytes).toBe(kept);
    resident.release();
    await model.close();
  },
);

const { directory, examples, labelWordIds } = architectureCase('gpt2');

test('any walk over the stages finds their weights, however many ask at once', async () => {
  const model = await loadModel(directory);
  const stages = model.stages(labelWordIds);
  const step = fc.record({ index: fc.nat(stages.length - 1), turn: fc.boolean() });
  const steps = fc.array(step, { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, async (walk) => {
      const weights = new StreamedWeights(runtime, model, stages);
      for (const { index, turn } of walk) {
        const stage = stages[index]!;
        if (turn) weights.turnTo(stage);
        const asked = await Promise.all([weights.of(stage), weights.of(stage)]);
        for (const own of asked)
          for (const [local, ref] of Object.entries(stage.weights))
            if (ref.part === undefined)
              expect(await runtime.download(own[local]!)).toEqual(await model.read(ref.name));
      }
      await weights.release();
      await expect(weights.of(stages[0]!)).rejects.toThrow(/released/);
      expect(runtime.residentBytes).toBe(0);
    }),
    { numRuns: 8 },
  );
  await model.close();
});

test('the weights of a stage are read once for all batches', async () => {
  const model = await loadModel(directory);
  const reads = new Map<string, number>();
  const counting: LanguageModel = {
    ...model,
    read: (parameter, options) => {
      const key = `${model.storedName(parameter)} ${JSON.stringify(options?.rows ?? null)}`;
      reads.set(key, (reads.get(key) ?? 0) + 1);
      return model.read(parameter, options);
    },
  };
  expect(examples.length).toBeGreaterThan(1);
  await forwardLogits({ model: counting, runtime, examples, labelWordIds, batchSize: 1, streamed: true });
  expect([...reads.values()].every((count) => count === 1)).toBe(true);
  await model.close();
});

test('a read that fails ends the pass, and so does a cancellation', async () => {
  const model = await loadModel(directory);
  for (const left of [0, 3, 9]) {
    let reads = left;
    const failing: LanguageModel = {
      ...model,
      read: (parameter, options) =>
        reads-- > 0 ? model.read(parameter, options) : Promise.reject(new Error('disk')),
    };
    const request = { model: failing, runtime, examples, labelWordIds, streamed: true };
    await expect(forwardLogits(request), `${left} reads`).rejects.toThrow('disk');
    expect(runtime.residentBytes).toBe(0);
    const controller = new AbortController();
    let seen = left;
    const stopping: LanguageModel = {
      ...model,
      read: (parameter, options) => {
        if (seen-- === 0) controller.abort();
        return model.read(parameter, options);
      },
    };
    const stopped = forwardLogits({ ...request, model: stopping, signal: controller.signal });
    await expect(stopped, `stopped after ${left}`).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(runtime.residentBytes).toBe(0);
  }
  await model.close();
});
