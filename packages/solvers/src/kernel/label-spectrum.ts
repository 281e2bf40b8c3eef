import { BadArgumentError, type LinearOperator } from '@ntk-lens/core';
import { multiplyTransposed } from '../linalg/products.js';
import { decomposeSymmetric, type LinearAlgebraOptions } from '../linalg/symmetric-eigen.js';
import { type TopSpectrumOptions, topSpectrum } from '../operators/index.js';

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
  const { indicators, names, total } = centredIndicators(labels);
  const symmetric = matrix.map((x, k) => (x + matrix[(k % n) * n + Math.floor(k / n)]!) / 2);
  const { values, components } = await decomposeSymmetric(symmetric, n, options);
  const along = await components(indicators, names, options);
  const shares = Float64Array.from({ length: n }, (_, k) => {
    const own = along.slice(k * names, (k + 1) * names);
    return total > 0 ? own.reduce((sum, x) => sum + x * x, 0) / total : 0;
  });
  return { eigenvalues: values.slice().reverse(), shares: shares.reverse() };
};

/** Indicators of the labels less their means, `[n, labels]`, the number of labels, and the sum of squares. */
const centredIndicators = (
  labels: ArrayLike<number>,
): { readonly indicators: Float64Array; readonly names: number; readonly total: number } => {
  const n = labels.length;
  const names = [...new Set(Array.from(labels))];
  const indicators = new Float64Array(n * names.length);
  for (const [c, name] of names.entries()) {
    const mean = Array.from(labels).filter((label) => label === name).length / n;
    for (let i = 0; i < n; i++) indicators[i * names.length + c] = (labels[i] === name ? 1 : 0) - mean;
  }
  return { indicators, names: names.length, total: indicators.reduce((sum, x) => sum + x * x, 0) };
};

/** The top of a {@link LabelSpectrum}. */
export interface TopLabelSpectrum extends LabelSpectrum {
  /** An eigenvalue lies within so much of each. */
  readonly bounds: Float64Array;
}

/**
 * {@link labelSpectrum} for the largest eigenvalues of a kernel that is known by its products, such as one that is larger than
 * memory.
 *
 * @example
 * ```ts
 * const { eigenvalues, shares } = await topLabelSpectrum(operator, labels, 32);
 * ```
 * @returns fewer than `count` where the others did not converge
 * @throws what `topSpectrum` throws
 */
export const topLabelSpectrum = async (
  operator: LinearOperator,
  labels: ArrayLike<number>,
  count: number,
  options: TopSpectrumOptions = {},
): Promise<TopLabelSpectrum> => {
  const { values, vectors, bounds } = await topSpectrum(operator, count, options);
  const { indicators, names, total } = centredIndicators(labels);
  const share = (vector: Float64Array): number => {
    const along = multiplyTransposed(indicators, vector.length, names, vector);
    return total > 0 ? along.reduce((sum, x) => sum + x * x, 0) / total : 0;
  };
  return { eigenvalues: values, shares: Float64Array.from(vectors, share), bounds };
};
