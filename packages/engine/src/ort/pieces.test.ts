import { Mt19937, type NDArray, ndarray } from '@ntk-lens/core';
import { afterAll, expect, test } from 'vitest';
import { createRuntime } from '../node/create-runtime.js';
import type { Program } from '../program.js';
import { PIECE_ELEMENTS, piecesOf } from './pieces.js';

const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 2 });
afterAll(() => runtime.close());

/** An update with two outputs and a small input; `whole` hides from the runtime that it is elementwise. */
const update = (shape: readonly number[], whole: boolean): Program => ({
  name: `update ${whole}`,
  elementwise: !whole,
  inputs: {
    rates: { dtype: 'float32', shape: [2] },
    value: { dtype: 'float32', shape },
    gradient: { dtype: 'float32', shape },
  },
  build: ({ rates, value, gradient }) => {
    const [a, b] = [rates!.slice([0], [1]), rates!.slice([1], [1])].map((x) => x.reshape([]));
    const second = gradient!.square().mul(b!);
    const step = gradient!.mul(a!).div(second.sqrt().add(1e-3));
    // Returned in another shape than it is computed in.
    return {
      value: value!
        .reshape([-1, 1])
        .sub(step.reshape([-1, 1]))
        .reshape(value!.shape),
      second,
    };
  },
});

test.each([
  ['a little more than a piece', [PIECE_ELEMENTS + 1]],
  ['several pieces and a part', [3, PIECE_ELEMENTS - 5]],
  ['two pieces exactly', [2, PIECE_ELEMENTS]],
  ['less than a piece', [7, 11]],
])('an elementwise program computes %s to the same bytes as the whole', async (_, shape) => {
  const random = new Mt19937(4);
  const size = shape.reduce((product, n) => product * n, 1);
  const array = (): NDArray<'float32'> =>
    ndarray<'float32'>(
      Float32Array.from({ length: size }, () => random.standardNormal()),
      shape,
    );
  const inputs = {
    rates: await runtime.upload(ndarray<'float32'>(Float32Array.of(0.1, 2), [2])),
    value: await runtime.upload(array()),
    gradient: await runtime.upload(array()),
  };
  const results: NDArray[][] = [];
  for (const whole of [true, false]) {
    const outputs = await runtime.run(update(shape, whole), inputs);
    expect(outputs['value']!.shape).toEqual(shape);
    results.push(await Promise.all(Object.values(outputs).map((output) => runtime.download(output))));
    runtime.release(Object.values(outputs));
  }
  runtime.release(Object.values(inputs));
  expect(results[1]!.map(({ shape: own }) => own)).toEqual([shape, shape]);
  for (const [k, { data }] of results[0]!.entries())
    expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from(results[1]![k]!.data.buffer))).toBe(0);
  expect(piecesOf(update(shape, false)) === undefined).toBe(size <= PIECE_ELEMENTS);
});

test('a program that does not say that it is elementwise runs as a whole', () => {
  expect(piecesOf(update([PIECE_ELEMENTS * 2], true))).toBeUndefined();
});
