import { ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { sampled } from '@ntk-lens/testing/sampled';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LanguageModel } from '../language-model.js';
import { loadModel } from '../node/load-model.js';
import { architectureCase, architectureNames } from '../testing/architecture-cases.js';
import { causalExample } from './causal-example.js';
import { NothingBeforeMaskError } from './errors.js';
import { takePart } from './take-part.js';
import { uploadStageWeights } from './upload-stage-weights.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'tfjs-cpu' });
});
afterAll(() => runtime.close());

test.each(sampled(architectureNames, 3))(
  'every tensor of %s is read once and every part uploaded once',
  async (name) => {
    const model = await loadModel(architectureCase(name).directory);
    const reads: string[] = [];
    const counting: LanguageModel = {
      ...model,
      read: (parameter) => {
        reads.push(model.storedName(parameter));
        return model.read(parameter);
      },
    };
    const stages = model.stages([7, 3, 3]);
    const weights = await uploadStageWeights(runtime, counting, stages);
    expect(new Set(reads).size).toBe(reads.length);
    const distinct = new Map<string, number>();
    for (const stage of stages) {
      const uploaded = weights.of(stage);
      expect(Object.keys(uploaded)).toEqual(Object.keys(stage.weights));
      for (const [local, ref] of Object.entries(stage.weights)) {
        const expected = takePart(await model.read(ref.name), ref.part);
        expect(await runtime.download(uploaded[local]!)).toEqual(expected);
        distinct.set(`${model.storedName(ref.name)} ${JSON.stringify(ref.part)}`, expected.data.byteLength);
      }
    }
    expect(runtime.residentBytes).toBe([...distinct.values()].reduce((sum, bytes) => sum + bytes, 0));
    weights.release();
    expect(runtime.residentBytes).toBe(0);
    expect(() => weights.of(stages[0]!)).toThrow(/released/);
    await model.close();
  },
);

test('a read that fails leaves nothing behind', async () => {
  const model = await loadModel(architectureCase('bert').directory);
  let left = 6;
  const failing: LanguageModel = {
    ...model,
    read: (parameter) => (left-- > 0 ? model.read(parameter) : Promise.reject(new Error('disk'))),
  };
  await expect(uploadStageWeights(runtime, failing, model.stages([1]))).rejects.toThrow('disk');
  expect(runtime.residentBytes).toBe(0);
  const signal = AbortSignal.abort();
  await expect(uploadStageWeights(runtime, model, model.stages([1]), { signal })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  await model.close();
});

test('parts along an axis put side by side are the whole', () => {
  const sizes = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(fc.array(sizes, { minLength: 1, maxLength: 3 }), fc.nat(), fc.nat(), (shape, a, s) => {
      const size = shape.reduce((product, n) => product * n, 1);
      const whole = ndarray<'float32'>(
        Float32Array.from({ length: size }, (_, i) => i),
        shape,
      );
      const axis = a % shape.length;
      const cut = s % (shape[axis]! + 1);
      const found: number[] = [];
      for (const [start, length] of [
        [0, cut],
        [cut, shape[axis]! - cut],
      ] as const) {
        if (length === 0) continue;
        const part = takePart(whole, { axis, start, size: length });
        expect(part.shape).toEqual(shape.map((n, i) => (i === axis ? length : n)));
        found.push(...part.data);
      }
      expect(found.sort((x, y) => x - y)).toEqual([...whole.data]);
    }),
  );
});

test('rows and ranges of a parameter are those asked for', () => {
  const whole = ndarray<'float32'>(Float32Array.of(0, 1, 2, 10, 11, 12), [2, 3]);
  expect([...takePart(whole, { rows: [1, 0, 1] }).data]).toEqual([10, 11, 12, 0, 1, 2, 10, 11, 12]);
  expect([...takePart(whole, { axis: 1, start: 1, size: 2 }).data]).toEqual([1, 2, 11, 12]);
  expect(takePart(whole, undefined)).toBe(whole);
  expect(() => takePart(whole, { rows: [2] })).toThrow(/found 2/);
  expect(() => takePart(whole, { axis: 1, start: 2, size: 2 })).toThrow(/within 0…3/);
  expect(() => takePart(whole, { axis: 2, start: 0, size: 1 })).toThrow();
});

test('a causal example ends before the mask and is read at its end', () => {
  expect(causalExample({ inputIds: [5, 6, 7, 8], position: 2, tokenTypeIds: [0, 0, 1, 1] })).toEqual({
    inputIds: [5, 6],
    position: 1,
    tokenTypeIds: [0, 0],
  });
  expect(() => causalExample({ inputIds: [5, 6], position: 0 })).toThrow(NothingBeforeMaskError);
});
