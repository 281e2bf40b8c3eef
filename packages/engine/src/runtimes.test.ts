import { ndarray } from '@ntk-lens/core';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createRuntime } from './create-runtime.js';
import type { Program } from './program.js';
import type { RuntimeName } from './runtime.js';

const wave = (n: number, frequency: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(i * frequency));

/** A little of everything that a transformer and its gradient use. */
const program: Program = {
  name: 'attention-like',
  inputs: {
    ids: { dtype: 'int32', shape: [2, 5] },
    table: { dtype: 'float32', shape: [7, 8] },
    w: { dtype: 'float32', shape: [8, 8] },
  },
  build: ({ ids, table, w }) => {
    const f = (t: tf.Tensor, m: tf.Tensor): tf.Scalar => {
      const x = tf.gather(t, ids!.flatten().toInt()).reshape([2, 5, 8]);
      const q = tf
        .matMul(x.reshape([10, 8]), m as tf.Tensor2D, false, true)
        .reshape([2, 5, 2, 4])
        .transpose([0, 2, 1, 3]);
      const p = tf.softmax(tf.matMul(q, q, false, true).div(2));
      const y = tf.matMul(p, q).transpose([0, 2, 1, 3]).reshape([2, 5, 8]);
      const centred = y.sub(y.mean(-1, true));
      const z = centred.mul(centred.square().mean(-1, true).add(1e-5).rsqrt());
      return tf.sum(z.mul(tf.erf(z.div(Math.SQRT2)).add(1)).slice([0, 2, 0], [2, 1, 8])) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(f)([table!, w!]);
    return { value, dTable: grads[0]!, dW: grads[1]! };
  },
};

const runOn = async (name: RuntimeName) => {
  const runtime = await createRuntime({ runtime: name, threads: 2 });
  const inputs = {
    ids: await runtime.upload(ndarray(Int32Array.of(0, 3, 3, 6, 1, 2, 2, 5, 4, 0), [2, 5])),
    table: await runtime.upload(ndarray(wave(56, 0.7), [7, 8])),
    w: await runtime.upload(ndarray(wave(64, 1.3), [8, 8])),
  };
  const outputs = await runtime.run(program, inputs);
  const again = await runtime.run(program, inputs);
  const values = await Promise.all(Object.values(outputs).map((tensor) => runtime.download(tensor)));
  expect(await Promise.all(Object.values(again).map((tensor) => runtime.download(tensor)))).toEqual(values);
  runtime.release([...Object.values(inputs), ...Object.values(outputs), ...Object.values(again)]);
  expect(runtime.residentBytes).toBe(0);
  await runtime.close();
  return values;
};

test('a function and its gradients are the same numbers compiled and eager', async () => {
  const [compiled, eager] = [await runOn('ort-cpu'), await runOn('tfjs-cpu')];
  for (const [i, array] of compiled.entries()) {
    expect(array.shape).toEqual(eager[i]!.shape);
    for (const [j, value] of array.data.entries()) expect(value).toBeCloseTo(eager[i]!.data[j]!, 4);
  }
});
