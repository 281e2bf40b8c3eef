import type { NDArray } from '@ntk-lens/core';
import type { Program } from '@ntk-lens/engine';

/** Consecutive rows of a parameter, or of the part of it that a site uses. */
export interface ParameterRange {
  /** Identifies the parameter, and the range of an axis where a site uses no more (a third of GPT-2's `c_attn`). */
  readonly key: string;
  /** Hugging Face name. */
  readonly parameter: string;
  /** First row. */
  readonly row: number;
  readonly rows: number;
  /** Numbers per row: the size of the last axis, and 1 for vectors, whose elements are the rows. */
  readonly width: number;
}

/** A gradient's values in a range, row after row, and where its projection is added. */
export interface ProjectedGradient {
  readonly values: Float32Array;
  /** `size` numbers. */
  readonly into: Float64Array;
}

/**
 * A linear map Πᵀ of gradients onto few coordinates: kernels are then taken over those, ⟨Πᵀ∇f, Πᵀ∇f'⟩ or of
 * their signs (docs/theory.md, Subspaces). It is applied range by range and never stored whole. Projections
 * of the ranges of one group's parameters are added up, and `finish` makes coordinates of the sums.
 */
export interface GradientProjection {
  /** Numbers per gradient that sums have. */
  readonly size: number;
  /** Group whose sum a parameter adds to; all in one where only the total matters. */
  groupOf(parameter: string): string;
  /**
   * The projection of many gradients at once: input `g` `[count, rows · width]`, with `constants`, gives `p`
   * `[count, size]`.
   */
  program(range: ParameterRange, count: number): Program;
  /** Inputs of {@link program} in addition to `g`; fresh arrays. */
  constants(range: ParameterRange): Readonly<Record<string, NDArray<'float32'>>>;
  /** Adds the projections of gradients of a short range, such as rows of an embedding table. */
  add(range: ParameterRange, gradients: readonly ProjectedGradient[]): void;
  /** The coordinates of a gradient from its groups' sums. */
  finish(sums: ReadonlyMap<string, Float64Array>): Float64Array;
}
