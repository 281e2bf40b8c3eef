import { type NDArray, ndarray } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import type { Program } from '../program.js';

/** A little of everything that a transformer and its gradient use. */
export const sampleProgram: Program = {
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
    const rows = tf.concat([table!.exp(), w!.square()]);
    return { value, dTable: grads[0]!, dW: grads[1]!, rows };
  },
};

const wave = (n: number, frequency: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(i * frequency));

/** Fresh inputs of {@link sampleProgram}: a runtime keeps the buffers that it is given. */
export const sampleInputs = (): Readonly<Record<string, NDArray<'float32' | 'int32'>>> => ({
  ids: ndarray(Int32Array.of(0, 3, 3, 6, 1, 2, 2, 5, 4, 0), [2, 5]) as NDArray<'int32'>,
  table: ndarray(wave(56, 0.7), [7, 8]) as NDArray<'float32'>,
  w: ndarray(wave(64, 1.3), [8, 8]) as NDArray<'float32'>,
});
