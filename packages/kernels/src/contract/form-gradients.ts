import { defineProgram, type TensorSpec, tf } from '@ntk-lens/engine';
import { gradientsOf, longest } from './group-batches.js';
import { type FactorShape, type Factors, factorSpecs, float, type MatrixSize } from './matrix-shapes.js';
import { cutSide, type Slicing } from './slicing.js';
import { joined } from './total.js';

/**
 * The side of a gradient that is not cut, for the examples of a group, padded to the longest with zeros: activations
 * `[Σ n, T, in]`, which all outputs share, or cotangents `[Σ n·C, T, out]`.
 */
export const rightShape = (group: readonly FactorShape[], s: Slicing): number[] => {
  const gradients = gradientsOf(group);
  const length = longest(group);
  const outputs = group[0]?.outputs ?? 1;
  return s.sideways ? [gradients, length, s.outSize] : [gradients / outputs, length, s.inSize];
};

interface JoinSettings {
  readonly group: readonly FactorShape[];
  readonly size: MatrixSize;
  readonly sideways: boolean;
}

/** Joins the factors of several batches to one tensor of the shape that {@link rightShape} gives. */
export const joinRight = defineProgram('join right', {
  inputs: ({ group, size }: JoinSettings) => ({ batches: group.map((f) => factorSpecs(f, size)) }),
  build: ({ batches }, { group, sideways }) => {
    const length = longest(group);
    return { right: joined(batches.map(({ a, b }) => padTokens(sideways ? joinOutputs(b) : a, length))) };
  },
});

/** The factors of a batch that are cut: the activations, or the cotangents of each output. */
export const leftOf = <Leaf>({ a, b }: Factors<Leaf>, s: Slicing): readonly Leaf[] => (s.sideways ? [a] : b);

/** Types and shapes of {@link leftOf}. */
export const leftSpecs = (f: FactorShape, s: Slicing): readonly TensorSpec[] => leftOf(factorSpecs(f, s), s);

/** Rows `from … from + size` of the slice of every gradient, for every output of every example: `[n·C, size·width]`. */
export type PieceOf = (from: number, size: number) => tf.Tensor2D;

/**
 * Forms the gradients Σ_t b_t a_tᵀ of a slice, piece by piece, of the examples of some batches together:
 * products of few gradients run far below the rate of larger ones.
 *
 * A gradient is cut along its longer side; its Gram does not know its orientation. Tokens are summed over by
 * a product with its left side transposed, which costs less than to transpose it before.
 *
 * @param left the side that is cut, of every batch: the cotangents of each output, or the activations alone
 * @param right see {@link rightShape}
 * @param outputs C: gradients of an example
 * @param slice number of the slice; absent if there is only one
 */
export const formGradients = (
  s: Slicing,
  left: readonly (readonly tf.Tensor[])[],
  right: tf.Tensor,
  outputs: number,
  slice: tf.Tensor | undefined,
): PieceOf => {
  const [, length, width] = right.shape as [number, number, number];
  const n = left.reduce((sum, [x]) => sum + (x?.shape[0] ?? 0), 0);
  // Each batch has `[n, T, 1 or C, rows]`.
  const cut = left.map((parts) => {
    const rows = parts.map((x) => sliceColumns(x, cutSide(s) / s.rows, slice));
    return padTokens(rows.length === 1 ? rows[0]!.expandDims(2) : tf.stack(rows, 2), length);
  });
  return (from, size) => {
    const all = joined(
      cut.map((x) => tf.slice(x, [0, 0, 0, from], [x.shape[0]!, length, x.shape[2]!, size])),
    );
    // Outputs that share the right side are rows of one product; otherwise they share the left.
    const rows = all.reshape([n, length, all.shape[2]! * size]);
    const both = s.sideways ? joinOutputs(Array.from({ length: outputs }, () => rows)) : rows;
    return tf.matMul(both, right, true).reshape([n * outputs, size * width]);
  };
};

/**
 * The factors of a map for the pieces of a slice, `[1, size · width]`.
 *
 * @param factor in the shape in which the matrix is used: `[out, in]`, or `[in, out]` if `inFirst`
 */
export const factorPieces = (
  factor: tf.Tensor | undefined,
  inFirst: boolean,
  s: Slicing,
  slice: tf.Tensor | undefined,
): ((from: number, size: number) => tf.Tensor | undefined) => {
  if (!factor) return () => undefined;
  const cut = s.sideways === inFirst ? factor : factor.transpose();
  const [height, width] = cut.shape as [number, number];
  const own = slice
    ? tf.gather(cut.reshape([height / s.rows, s.rows * width]), slice.toInt()).reshape([s.rows, width])
    : cut;
  return (from, size) => tf.slice(own, [from, 0], [size, width]).reshape([1, size * width]);
};

/** Type and shape of such factors. */
export const mapFactorSpec = ({ inSize, outSize }: MatrixSize, inFirst: boolean): TensorSpec =>
  float(inFirst ? [inSize, outSize] : [outSize, inSize]);

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
