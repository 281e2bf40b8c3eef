import { BadArgumentError } from '@ntk-lens/core';
import { decomposeSymmetric, type LinearAlgebraOptions } from '../linalg/symmetric-eigen.js';

/** The spectrum of a kernel, and the part of the labels along each of its eigenvectors. */
export interface LabelSpectrum {
  /** Descending. */
  readonly eigenvalues: Float64Array;
  /**
   * ‖v_kᵀ Y‖² / ‖Y‖², for the indicators Y `[n, labels]` less their means; they add up to 1, and are 0 where all examples
   * have one label.
   */
  readonly shares: Float64Array;
}

/**
 * Decomposes a kernel K = Σ_k λ_k v_k v_kᵀ of examples, and says how much of their labels lies along each v_k. Kernel
 * regression learns the directions of large eigenvalues first (docs/theory.md, *Protocol*).
 *
 * @example
 * ```ts
 * const { eigenvalues, shares } = await labelSpectrum(gram, [0, 0, 1, 1]);
 * ```
 * @param matrix row-major `[n, n]`, symmetric; its symmetric part is decomposed
 * @param labels an index for each of the n examples
 * @throws BadArgumentError for a matrix of another size; CancelledError
 */
export const labelSpectrum = async (
  matrix: Float64Array,
  labels: ArrayLike<number>,
  options: LinearAlgebraOptions = {},
): Promise<LabelSpectrum> => {
  const n = labels.length;
  if (n === 0 || matrix.length !== n * n)
    throw new BadArgumentError('matrix', `${matrix.length} entries`, `${n * n}, for ${n} labels`);
  const names = [...new Set(Array.from(labels))];
  const indicators = new Float64Array(n * names.length);
  for (const [c, name] of names.entries()) {
    const mean = Array.from(labels).filter((label) => label === name).length / n;
    for (let i = 0; i < n; i++) indicators[i * names.length + c] = (labels[i] === name ? 1 : 0) - mean;
  }
  const symmetric = matrix.map((x, k) => (x + matrix[(k % n) * n + Math.floor(k / n)]!) / 2);
  const { values, components } = await decomposeSymmetric(symmetric, n, options);
  const along = await components(indicators, names.length, options);
  const total = indicators.reduce((sum, x) => sum + x * x, 0);
  const shares = Float64Array.from({ length: n }, (_, k) => {
    const own = along.slice(k * names.length, (k + 1) * names.length);
    return total > 0 ? own.reduce((sum, x) => sum + x * x, 0) / total : 0;
  });
  return { eigenvalues: values.slice().reverse(), shares: shares.reverse() };
};
