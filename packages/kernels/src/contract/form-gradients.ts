import type { Formula } from '@ntk-lens/core';
import { type Program, TERNARY_SCALE, type TensorSpec, tf } from '@ntk-lens/engine';
import { type FactorShape, factorSpecs, factorsOf } from './gram-programs.js';
import { gradientsOf, longest } from './group-batches.js';
import { cutSide, type Slicing } from './slicing.js';

/**
 * The side of a gradient that is not cut, for the examples of a group, padded to the longest with zeros: activations
 * `[Σ n, T, in]`, which all outputs share, or cotangents `[Σ n·C, T, out]`.
 */
export const rightShape = (group: readonly FactorShape[], s: Slicing): number[] => {
  const gradients = gradientsOf(group);
  const length = longest(group);
  return s.sideways ? [gradients, length, s.outSize] : [gradients / group[0]!.outputs, length, s.inSize];
};

/** Makes the side of which {@link rightShape} tells: output `right`, from the factors `<k>` of the batches. */
export const joinRightProgram = (group: readonly FactorShape[], s: Slicing): Program => ({
  name: `join right ${s.sideways ? 'sideways ' : ''}${s.inSize}x${s.outSize}`,
  inputs: Object.assign({}, ...group.map((f, k) => factorSpecs(`${k}`, f, s))) as Record<string, TensorSpec>,
  build: (inputs) => {
    const length = longest(group);
    const parts = group.map((f, k) => {
      const { a, b } = factorsOf(inputs, `${k}`, f);
      return padTokens(s.sideways ? joinOutputs(b) : a, length);
    });
    return { right: parts.length === 1 ? parts[0]! : tf.concat(parts) };
  },
});

/** Of a batch, the factors that are cut: names of inputs as {@link factorSpecs} gives them. */
export const leftSpecs = (suffix: string, f: FactorShape, s: Slicing): Record<string, TensorSpec> =>
  Object.fromEntries(
    Object.entries(factorSpecs(suffix, f, s)).filter(([name]) => name.startsWith(s.sideways ? 'a' : 'b')),
  );

/** Rows `from … from + size` of the slice of every gradient, for every output of every example: `[n·C, size·width]`. */
export type PieceOf = (from: number, size: number) => tf.Tensor2D;

/**
 * Forms the gradients Σ_t b_t a_tᵀ of a slice, piece by piece, of the examples of some batches together: products of few
 * gradients run far below the rate of larger ones.
 *
 * Where signs are taken, gradients are scaled. A gradient is cut along its longer side; its Gram does not know its
 * orientation. Tokens are summed over by a product with its left side transposed, which costs less than to transpose it before.
 *
 * @param left of every batch, what is cut: the cotangents of each output, or the activations alone
 * @param right see {@link rightShape}
 * @param outputs C: gradients of an example
 * @param slice number of the slice; absent if there is only one
 */
export const formGradients = (
  formula: Formula,
  s: Slicing,
  left: readonly (readonly tf.Tensor[])[],
  right: tf.Tensor,
  outputs: number,
  slice: tf.Tensor | undefined,
): PieceOf => {
  const [, length, width] = right.shape as [number, number, number];
  const n = left.reduce((sum, [x]) => sum + x!.shape[0]!, 0);
  // Of each batch `[n, T, 1 or C, rows]`.
  const cut = left.map((parts) => {
    const rows = parts.map((x) => sliceColumns(x, cutSide(s) / s.rows, slice));
    return padTokens(rows.length === 1 ? rows[0]!.expandDims(2) : tf.stack(rows, 2), length);
  });
  return (from, size) => {
    const parts = cut.map((x) => tf.slice(x, [0, 0, 0, from], [x.shape[0]!, length, x.shape[2]!, size]));
    const joined = parts.length === 1 ? parts[0]! : tf.concat(parts);
    const scaled = formula === 'signgd' ? joined.mul(TERNARY_SCALE) : joined;
    // Outputs that share the right side are rows of one product; otherwise they share the left.
    const rows = scaled.reshape([n, length, scaled.shape[2]! * size]);
    const both = s.sideways ? joinOutputs(Array.from({ length: outputs }, () => rows)) : rows;
    return tf.matMul(both, right, true).reshape([n * outputs, size * width]);
  };
};

/** `[n, T, size]` of each output → `[n·C, T, size]`. */
const joinOutputs = (parts: readonly tf.Tensor[]): tf.Tensor => {
  const [n, length, size] = parts[0]!.shape as [number, number, number];
  return parts.length === 1 ? parts[0]! : tf.stack([...parts], 1).reshape([n * parts.length, length, size]);
};

/** Zeros after the tokens, the second axis. */
const padTokens = (x: tf.Tensor, length: number): tf.Tensor =>
  x.shape[1] === length
    ? x
    : tf.pad(
        x,
        x.shape.map((size, axis) => [0, axis === 1 ? length - size : 0]),
      );

/** One of `slices` equal parts of the last axis. */
const sliceColumns = (x: tf.Tensor, slices: number, slice: tf.Tensor | undefined): tf.Tensor => {
  const [n, length, size] = x.shape as [number, number, number];
  if (!slice) return x;
  const whole = x.reshape([n, length, slices, size / slices]);
  return tf.gather(whole, slice.toInt(), 2).reshape([n, length, size / slices]);
};
