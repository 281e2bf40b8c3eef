import { tf } from '@ntk-lens/engine';

/**
 * Rows `from … from + count` of the gradients of a matrix as it is stored, `[C·n, count·width]`, from the factors of a
 * batch: Σ_t b_t a_tᵀ, or its transpose where the matrix is stored `[in, out]`.
 */
export const gradientRows = (
  { a, b }: { readonly a: tf.Tensor; readonly b: readonly tf.Tensor[] },
  inFirst: boolean,
  from: number,
  count: number,
): tf.Tensor => {
  const [n, length, inSize] = a.shape as [number, number, number];
  const rows = (x: tf.Tensor) => tf.slice(x, [0, 0, from], [n, length, count]);
  const perOutput = b.map((one) => {
    const gradient = inFirst ? tf.matMul(rows(a), one, true) : tf.matMul(rows(one), a, true);
    return gradient.reshape([n, count * (inFirst ? one.shape[2]! : inSize)]);
  });
  return perOutput.length === 1 ? perOutput[0]! : tf.concat(perOutput);
};
