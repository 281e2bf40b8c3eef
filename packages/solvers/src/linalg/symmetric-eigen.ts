import type { LongTaskOptions } from '@ntk-lens/core';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** K = Σ_k values[k] v_k v_kᵀ, values ascending; v_k is row k of the row-major `vectors`. */
export interface SymmetricEigen {
  readonly size: number;
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const byLibrary = (matrix: Float64Array, size: number): SymmetricEigen => {
  const rows = Array.from({ length: size }, (_, i) => matrix.subarray(i * size, (i + 1) * size));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(rows), {
    assumeSymmetric: true,
  });
  const order = Array.from(realEigenvalues.keys()).sort((a, b) => realEigenvalues[a]! - realEigenvalues[b]!);
  const vectors = new Float64Array(size * size);
  for (const [k, from] of order.entries()) {
    for (let i = 0; i < size; i++) vectors[k * size + i] = eigenvectorMatrix.get(i, from);
  }
  return { size, values: Float64Array.from(order, (k) => realEigenvalues[k]!), vectors };
};

/**
 * All eigenvalues and eigenvectors of a symmetric matrix.
 *
 * @param matrix row-major `[size, size]`, symmetric; not changed
 */
export const symmetricEigen = async (
  matrix: Float64Array,
  size: number,
  _options: LongTaskOptions = {},
): Promise<SymmetricEigen> => byLibrary(matrix, size);
