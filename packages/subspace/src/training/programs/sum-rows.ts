import { tf } from '@ntk-lens/engine';

/**
 * Gradient of a table from the cotangents of its uses: row i is Σ_{t : id_t = i} b_t. A product with the one-hot ids: the
 * order of summation is fixed, and no runtime needs a scatter.
 *
 * @param ids int32 `[n]`
 * @param rows float32 `[n, d]`
 * @returns `[count, d]`
 */
export const sumRows = (ids: tf.Tensor1D, rows: tf.Tensor2D, count: number): tf.Tensor2D => {
  const places = tf.tensor2d(
    Int32Array.from({ length: count }, (_, i) => i),
    [count, 1],
    'int32',
  );
  const oneHot = tf.equal(places, ids.reshape([1, ids.shape[0]])).toFloat() as tf.Tensor2D;
  return tf.matMul(oneHot, rows);
};
