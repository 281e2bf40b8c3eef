import { tf } from '@ntk-lens/engine';

// Up to here a product with one-hot ids costs less than what moving panels by index does.
const FEW = 64;

/** `[panels, count]` with a 1 in the column of each panel's segment. */
const oneHot = (ids: tf.Tensor1D, count: number): tf.Tensor2D => {
  const columns = tf.tensor2d([Array.from({ length: count }, (_, i) => i)], [1, count]);
  return tf.equal(ids.reshape([ids.shape[0], 1]), columns).toFloat() as tf.Tensor2D;
};

const isFew = (count: number, panel: number): boolean => count <= Math.min(FEW, panel);

/**
 * The segment of each panel.
 *
 * @param segments `[count, panel]`
 * @param ids float32 `[panels]`, whole numbers below `count`
 * @returns `[panels, panel]`
 */
export const segmentsAt = (segments: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor => {
  const [count, panel] = segments.shape;
  if (isFew(count, panel)) return tf.matMul(oneHot(ids, count), segments);
  return tf.gather(segments, ids.toInt());
};

/**
 * Sums of the panels of each segment.
 *
 * @param panels `[m, panels, panel]`
 * @returns `[m, count, panel]`
 */
export const sumSegments = (panels: tf.Tensor3D, ids: tf.Tensor1D, count: number): tf.Tensor => {
  const [m, number, panel] = panels.shape;
  if (count === 1) return panels.sum(1);
  if (isFew(count, panel)) {
    const chosen = oneHot(ids, count).transpose().reshape([1, count, number]).tile([m, 1, 1]);
    return tf.matMul(chosen, panels);
  }
  return tf.unsortedSegmentSum(panels.transpose([1, 0, 2]), ids.toInt(), count).transpose([1, 0, 2]);
};
