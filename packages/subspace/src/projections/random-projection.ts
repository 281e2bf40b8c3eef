import type { NDArray } from '@ntk-lens/core';
import type { tf } from '@ntk-lens/engine';
import type { ParameterRange, ProjectedGradient } from '@ntk-lens/kernels';

/** Names of a program's constants to their tensors. */
export type Constants<T> = Readonly<Record<string, T>>;

/**
 * A random linear map Π: R^k → R^D, given range by range of R^D, with E[Π Πᵀ] = 1: kernels of projected
 * gradients are right on average. It is the product of a long part, of which each range has its own rows,
 * and a short part between `size` numbers and k.
 */
export interface RandomProjection {
  readonly name: 'dense' | 'fastfood';
  /** k. */
  readonly dimension: number;
  /** Numbers between the long and the short part. */
  readonly size: number;
  /** Says what the programs of a range depend on besides its length. */
  describe(range: ParameterRange): string;
  /** Shapes of a range's constants. */
  constantShapes(range: ParameterRange): Constants<readonly number[]>;
  constants(range: ParameterRange): Constants<NDArray<'float32'>>;
  /** The long part's transpose: gradients `[m, length]` → `[m, size]`. */
  down(gradients: tf.Tensor, constants: Constants<tf.Tensor>, range: ParameterRange): tf.Tensor;
  /** The long part: `size` numbers → the range's `length`. */
  up(short: tf.Tensor, constants: Constants<tf.Tensor>, range: ParameterRange): tf.Tensor;
  /** As `down`, on the host, for short ranges. */
  add(range: ParameterRange, gradients: readonly ProjectedGradient[]): void;
  /** The short part's transpose: `size` numbers → k coordinates. */
  shorten(sums: Float64Array): Float64Array;
  /** The short part: k coordinates → `size` numbers, as a tensor and on the host. */
  lengthen(coordinates: Float64Array): Float64Array;
  lengthenTensor(coordinates: tf.Tensor, constants: Constants<tf.Tensor>): tf.Tensor;
  /** Constants of {@link lengthenTensor}. */
  readonly shortShapes: Constants<readonly number[]>;
  shortConstants(): Constants<NDArray<'float32'>>;
}
