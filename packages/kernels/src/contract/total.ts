import { tf } from '@ntk-lens/engine';

/** Sum of tensors. */
export const total = (parts: readonly tf.Tensor[]): tf.Tensor => parts.reduce((sum, part) => sum.add(part));

/** Tensors one after another along an axis; one alone is not copied. */
export const joined = (parts: readonly tf.Tensor[], axis = 0): tf.Tensor => {
  const [first, ...more] = parts;
  if (!first) throw new Error('Nothing to join.');
  return more.length === 0 ? first : tf.concat([...parts], axis);
};
