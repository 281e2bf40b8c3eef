import type { tf } from '@ntk-lens/engine';
import type { SiteParameter } from '@ntk-lens/models';

/**
 * Form of a parameter's gradient for one example, by which it is held, contracted and projected:
 * - `matrix`: Σ_t b_t a_tᵀ, kept as its factors, activations a and cotangents b;
 * - `vector`: a short dense vector;
 * - `rows`: a few rows of a large table, by token id.
 */
export type GradientForm = 'matrix' | 'vector' | 'rows';

type Role = SiteParameter['role'];

/** Rows of a parameter, as a use takes it, that a vector gradient consists of, one after another. */
export interface VectorRows {
  readonly row: number;
  readonly rows: number;
  /** Numbers per row. */
  readonly width: number;
}

/** Lengths on which vector gradients depend. */
export interface VectorLengths {
  /** Tokens to which gradients by position are padded, so that batches of different length agree. */
  readonly padTo: number;
  /** Row of the first token in a table of positions. */
  readonly firstPosition: number;
}

/** Access of a site to its tensors when it computes its output with a direction in place of its parameters. */
export interface DirectionAccess {
  /** The direction's part of a parameter, if that moves; of rows by token id, the rows of the batch's tokens. */
  direction(role: Role): tf.Tensor | undefined;
  /** The site's input activation, or row numbers. */
  activation(): tf.Tensor;
}

/** The interface of kinds of site for kernels: a module for each (docs/theory.md, Sites). */
export interface KernelSite<S> {
  readonly form: (site: S, role: Role) => GradientForm;
  /** Rows of a parameter whose gradient is a vector. */
  readonly vectorRows: (site: S, role: Role, lengths: VectorLengths) => VectorRows;
  /**
   * Gradient of such a parameter in a program, `[n, rows · width]`.
   *
   * @param b cotangent of the site's output, `[n, T', d]`
   * @param a its input activation
   */
  readonly vector: (site: S, role: Role, b: tf.Tensor, a: tf.Tensor, lengths: VectorLengths) => tf.Tensor;
  /** True where the site's derivative along a direction needs its input activation. */
  readonly needsActivation: (site: S, moving: (role: Role) => boolean) => boolean;
  /** The output of the site with a direction in place of its parameters, broadcastable to `[n, T', d]`. */
  readonly along: (site: S, access: DirectionAccess) => tf.Tensor;
}

/** The sum of what there is of two parts of a site's output. */
export const sumOf = (product: tf.Tensor | undefined, shift: tf.Tensor | undefined): tf.Tensor => {
  if (product && shift) return product.add(shift);
  const only = product ?? shift?.expandDims(0);
  if (!only) throw new Error('A site none of whose parameters moves has no derivative.');
  return only;
};
