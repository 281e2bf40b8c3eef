import type { NDArray } from '@ntk-lens/core';
import type { Identified, tf } from '@ntk-lens/engine';
import type { ParameterRange, ProjectedGradient } from '@ntk-lens/kernels';

/**
 * A random linear map Π: R^k → R^D with E[Π Πᵀ] = 1, so that kernels of projected gradients are right on average.
 * It is the product of a long part, of which every row of every parameter has rows of its own, and a short part
 * between k coordinates and `size` numbers. The long part is generated row by row of a parameter from constants.
 */
export interface RandomProjection extends Identified {
  /** Says what the functions of tensors compute; they are given all that a seed draws. */
  readonly identity: string;
  /** k. */
  readonly dimension: number;
  /** Numbers between the long and the short part. */
  readonly size: number;
  /** Constants per row of a parameter of this width. */
  columns(width: number): number;
  /** The constants of rows: `[rows, columns(width)]`, a fresh array. */
  constants(range: Omit<ParameterRange, 'parameter'>): NDArray<'float32'>;
  /** The long part's transpose: gradients `[m, rows · width]` → `[m, size]`. */
  down(gradients: tf.Tensor, constants: tf.Tensor, width: number): tf.Tensor;
  /** The long part: `size` numbers → `[rows, width]`, for whichever rows the constants are. */
  up(short: tf.Tensor, constants: tf.Tensor, width: number): tf.Tensor;
  /** As `down`, on the host. */
  add(range: ParameterRange, gradients: readonly ProjectedGradient[]): void;
  /** As `up`, on the host. */
  expand(short: Float64Array, range: Omit<ParameterRange, 'parameter'>): Float32Array;
  /** The short part's transpose: `size` numbers → k coordinates. */
  shorten(sums: Float64Array): Float64Array;
  /** The short part: k coordinates → `size` numbers. */
  lengthen(coordinates: ArrayLike<number>): Float64Array;
  /** As {@link lengthen}, of a tensor `[k]` with the constants {@link shortConstants} `[2, size]`. */
  lengthenTensor(coordinates: tf.Tensor, constants: tf.Tensor): tf.Tensor;
  shortConstants(): NDArray<'float32'>;
}
