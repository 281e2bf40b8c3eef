import type { Formula } from '@ntk-lens/core';
import { TERNARY_SCALE, tf } from '@ntk-lens/engine';
import { cutSide, type Slicing } from './slicing.js';

/** Factors of one batch: activations `[n, T, in]` and cotangents `[n, T, out]` of each output. */
interface Factors {
  readonly a: tf.Tensor;
  readonly b: readonly tf.Tensor[];
}

/** Rows `from … from + size` of the slice of every gradient, for every output of every example: `[n·C, size·width]`. */
export type PieceOf = (from: number, size: number) => tf.Tensor2D;

/**
 * Forms the gradients Σ_t b_t a_tᵀ of a slice, piece by piece, of the examples of some batches: joined, and padded to the
 * longest with zeros, since products of few gradients run far below the rate of larger ones.
 *
 * Where signs are taken, gradients are scaled. A gradient is cut along its longer side; its Gram does not know its
 * orientation. Tokens are summed over by a product with its left side transposed, which costs less than to transpose it before.
 *
 * @param slice number of the slice; absent if there is only one
 */
export const formGradients = (
  formula: Formula,
  s: Slicing,
  batches: readonly Factors[],
  slice: tf.Tensor | undefined,
): PieceOf => {
  const length = Math.max(...batches.map(({ a }) => a.shape[1]!));
  const joined = (of: (batch: Factors) => tf.Tensor): tf.Tensor => {
    const parts = batches.map((batch) => padTokens(of(batch), length));
    return parts.length === 1 ? parts[0]! : tf.concat(parts);
  };
  const cut = (x: tf.Tensor): tf.Tensor => sliceColumns(x, cutSide(s) / s.rows, slice);
  const cotangents = batches[0]!.b.map((_, c) => c);
  const n = batches.reduce((sum, { a }) => sum + a.shape[0]!, 0);
  const gradients = n * cotangents.length;
  /** Columns of the left side: `[n, T, size]`. */
  const take = (x: tf.Tensor, from: number, size: number): tf.Tensor => {
    const part = tf.slice(x, [0, 0, from], [n, length, size]);
    return formula === 'signgd' ? part.mul(TERNARY_SCALE) : part;
  };
  const product = (left: tf.Tensor, right: tf.Tensor, columns: number): tf.Tensor2D =>
    tf.matMul(left, right, true).reshape([gradients, columns]);
  if (s.sideways) {
    const left = joined(({ a }) => cut(a));
    const right = joinOutputs(cotangents.map((c) => joined(({ b }) => b[c]!)));
    return (from, size) => {
      const part = take(left, from, size);
      return product(joinOutputs(cotangents.map(() => part)), right, size * s.outSize);
    };
  }
  // Outputs share the right side: they are rows of one product.
  const left = cotangents.map((c) => joined(({ b }) => cut(b[c]!)));
  const right = joined(({ a }) => a);
  return (from, size) => {
    const parts = left.map((x) => take(x, from, size));
    return product(parts.length === 1 ? parts[0]! : tf.concat(parts, 2), right, size * s.inSize);
  };
};

/** `[n, T, size]` of each output → `[n·C, T, size]`. */
const joinOutputs = (parts: readonly tf.Tensor[]): tf.Tensor => {
  const [n, length, size] = parts[0]!.shape as [number, number, number];
  return parts.length === 1 ? parts[0]! : tf.stack([...parts], 1).reshape([n * parts.length, length, size]);
};

const padTokens = (x: tf.Tensor, length: number): tf.Tensor =>
  x.shape[1] === length
    ? x
    : tf.pad(x, [
        [0, 0],
        [0, length - x.shape[1]!],
        [0, 0],
      ]);

/** One of `slices` equal parts of the last axis. */
const sliceColumns = (x: tf.Tensor, slices: number, slice: tf.Tensor | undefined): tf.Tensor => {
  const [n, length, size] = x.shape as [number, number, number];
  if (!slice) return x;
  const whole = x.reshape([n, length, slices, size / slices]);
  return tf.gather(whole, slice.toInt(), 2).reshape([n, length, size / slices]);
};
