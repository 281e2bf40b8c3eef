import type { NDArray } from '@ntk-lens/core';
import { createRuntime, type Runtime, type RuntimeName } from '@ntk-lens/engine';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../language-model.js';
import { loadModel } from '../node/load-model.js';
import { architectureCase, architectureNames, largestDifference } from '../testing/architecture-cases.js';
import { encoderStates } from './encoder-states.js';
import { NonFiniteActivationError } from './errors.js';
import { forwardLogits } from './forward-logits.js';

describe.each<RuntimeName>(['ort-cpu', 'tfjs-cpu', 'tfjs-wasm'])('on %s', (name) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ runtime: name, threads: 1 });
  });
  afterAll(() => runtime.close());

  it.each(sampled(architectureNames, 4))(
    'logits and states of %s are those of transformers',
    async (architecture) => {
      const { directory, logits, hidden, ...fixture } = architectureCase(architecture);
      const model = await loadModel(directory);
      const options = { model, runtime, examples: fixture.examples };
      expect(
        largestDifference(await forwardLogits({ ...options, labelWordIds: fixture.labelWordIds }), logits),
      ).toBeLessThan(1e-4);
      for (const pooling of ['mean', 'readout'] as const) {
        expect(largestDifference(await encoderStates({ ...options, pooling }), hidden[pooling])).toBeLessThan(
          1e-4,
        );
      }
      expect(runtime.residentBytes).toBe(0);
      await model.close();
    },
  );
});

describe('logits', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  });
  afterAll(() => runtime.close());

  const open = async (architecture: string) => {
    const fixture = architectureCase(architecture);
    const model = await loadModel(fixture.directory);
    return { ...fixture, runtime, model };
  };

  it.each(sampled(architectureNames, 3))(
    'of %s do not change with batch size, order or padding',
    async (architecture) => {
      const options = await open(architecture);
      const together = await forwardLogits(options);
      expect(largestDifference(await forwardLogits({ ...options, batchSize: 1 }), together)).toBeLessThan(
        1e-5,
      );
      for (const [i, example] of options.examples.entries()) {
        // Padding never goes beyond the longest sequence of the model: here, none at all.
        const config = { ...options.model.config, maxTokens: example.inputIds.length };
        const alone = await forwardLogits({
          ...options,
          model: { ...options.model, config },
          examples: [example],
        });
        for (const [c, value] of alone.data.entries())
          expect(value).toBeCloseTo(together.data[3 * i + c]!, 4);
      }
      const reversed = await forwardLogits({ ...options, examples: options.examples.toReversed() });
      const rows = (array: NDArray) =>
        options.examples.map((_, i) => [...array.data.slice(i * array.shape[1]!, (i + 1) * array.shape[1]!)]);
      for (const [i, row] of rows(reversed).reverse().entries()) {
        for (const [c, value] of row.entries()) expect(value).toBeCloseTo(rows(together)[i]![c]!, 5);
      }
      await options.model.close();
    },
  );

  it('of other label words, in another order, are other columns', async () => {
    const options = await open('roberta');
    const [a, b, c] = options.labelWordIds as [number, number, number];
    const chosen = await forwardLogits({ ...options, labelWordIds: [c, a, b, c] });
    for (let i = 0; i < options.examples.length; i++) {
      const [x, y, z] = options.logits.data.slice(3 * i, 3 * i + 3) as unknown as [number, number, number];
      for (const [k, value] of [z, x, y, z].entries()) expect(chosen.data[4 * i + k]).toBeCloseTo(value, 4);
    }
    await options.model.close();
  });

  it('of no examples are an empty array', async () => {
    const options = await open('bert');
    expect((await forwardLogits({ ...options, examples: [] })).shape).toEqual([0, 3]);
    await options.model.close();
  });

  it('report progress and stop when cancelled, leaving nothing behind', async () => {
    const options = await open('distilbert');
    const done: number[] = [];
    const controller = new AbortController();
    const cancelled = forwardLogits({
      ...options,
      batchSize: 1,
      signal: controller.signal,
      onProgress: (event) => {
        if (event.phase === 'forward' && done.push(event.done) === 2) controller.abort();
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(done).toEqual([1, 2]);
    expect(runtime.residentBytes).toBe(0);
    await options.model.close();
  });

  it('that overflow name the layer and the example', async () => {
    const options = await open('roberta');
    const huge = async (parameter: string) => {
      const array = await options.model.read(parameter);
      if (parameter === 'roberta.encoder.layer.1.intermediate.dense.bias') array.data.fill(3e38);
      return array;
    };
    const model: LanguageModel = { ...options.model, read: huge };
    const attempt = forwardLogits({ ...options, model });
    await expect(attempt).rejects.toThrow(NonFiniteActivationError);
    await expect(attempt).rejects.toThrow(/^layer\.1 gave .* for example \d/);
    expect(runtime.residentBytes).toBe(0);
    await options.model.close();
  });

  it.each([
    [{ inputIds: [5, 97, 6], position: 1 }, /token id 97/],
    [{ inputIds: [5, -1, 6], position: 1 }, /token id -1/],
    [{ inputIds: [5, 6], position: 2 }, /position 2/],
    [{ inputIds: [], position: 0 }, /0 tokens/],
    [{ inputIds: [5, 6], position: 1, tokenTypeIds: [0, 2] }, /token type 2/],
    [{ inputIds: [5, 6], position: 1, tokenTypeIds: [0, 1, 1] }, /3 token type ids/],
    [{ inputIds: Array.from({ length: 41 }, () => 5), position: 1 }, /41 tokens/],
  ])('of an example that the model cannot read are refused', async (example, message) => {
    const options = await open('bert');
    const attempt = forwardLogits({ ...options, examples: [options.examples[0]!, example] });
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toMatchObject({ kind: 'input' });
    await options.model.close();
  });

  it.each([[[]], [[97]], [[-1]], [[1.5]]])('of label words %j are refused', async (labelWordIds) => {
    const options = await open('bert');
    await expect(forwardLogits({ ...options, labelWordIds })).rejects.toMatchObject({
      code: 'LABEL_WORD_ID',
    });
    await options.model.close();
  });
});
