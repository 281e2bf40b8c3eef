import { tf } from '@ntk-lens/engine';

// Up to here a product with one-hot ids costs less than what moving blocks by index does.
const FEW = 64;

/** `[blocks, count]` with a 1 in the column of each block's segment. */
const oneHot = (ids: tf.Tensor1D, count: number): tf.Tensor2D => {
  const columns = tf.tensor2d([Array.from({ length: count }, (_, i) => i)], [1, count]);
  return tf.equal(ids.reshape([ids.shape[0], 1]), columns).toFloat() as tf.Tensor2D;
};

const isFew = (count: number, block: number): boolean => count <= Math.min(FEW, block);

/**
 * The segment of each block.
 *
 * @param segments `[count, block]`
 * @param ids float32 `[blocks]`, whole numbers below `count`
 * @returns `[blocks, block]`
 */
export const segmentsAt = (segments: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor => {
  const [count, block] = segments.shape;
  if (isFew(count, block)) return tf.matMul(oneHot(ids, count), segments);
  return tf.gather(segments, ids.toInt());
};

/**
 * Sums of the blocks of each segment.
 *
 * @param blocks `[m, blocks, block]`
 * @returns `[m, count, block]`
 */
export const sumSegments = (blocks: tf.Tensor3D, ids: tf.Tensor1D, count: number): tf.Tensor => {
  const [m, number, block] = blocks.shape;
  if (count === 1) return blocks.sum(1);
  if (isFew(count, block)) {
    const chosen = oneHot(ids, count).transpose().reshape([1, count, number]).tile([m, 1, 1]);
    return tf.matMul(chosen, blocks);
  }
  return tf.unsortedSegmentSum(blocks.transpose([1, 0, 2]), ids.toInt(), count).transpose([1, 0, 2]);
};
