import type { LongTaskOptions } from '@ntk-lens/core';
import { tridiagonalEigen } from './divide-conquer.js';
import { jacobiEigen } from './jacobi.js';
import { makePause } from './pause.js';
import { multiply, multiplyTransposed, transpose } from './products.js';
import { tridiagonalEigenvalues } from './tridiagonal-values.js';
import { applyReflectors, type Tridiagonal, tridiagonalize } from './tridiagonalize.js';

/** K = Σ_k values[k] v_k v_kᵀ, values ascending; v_k is row k of the row-major `vectors`. */
export interface SymmetricEigen {
  readonly size: number;
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Up to this size rotations take milliseconds. */
const smallSize = 48;

/** Power of two near the largest entry, 1 for zeros. Dividing by it loses nothing, and products neither over- nor underflow. */
const scaleOf = (matrix: Float64Array): number =>
  2 ** Math.floor(Math.log2(matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0))) || 1;

/** The eigenvalues of a matrix, and its eigenvectors when asked for. */
export interface SymmetricDecomposition {
  readonly values: Float64Array;
  /** Computed at the first call, kept for later ones. */
  eigen(options?: LongTaskOptions): Promise<SymmetricEigen>;
}

/**
 * Decomposes a symmetric matrix: a small one by rotations; else Householder tridiagonalization, then QL for the values, and
 * divide and conquer with back-transformation for the vectors (docs/decisions/0005).
 *
 * @param matrix row-major `[size, size]`, symmetric; not changed
 */
export const decomposeSymmetric = async (
  matrix: Float64Array,
  size: number,
  options: LongTaskOptions = {},
): Promise<SymmetricDecomposition> => {
  const scale = scaleOf(matrix);
  const scaled = matrix.map((x) => x / scale);
  if (size <= smallSize) {
    const { values, vectors } = jacobiEigen(scaled, size);
    const small = { size, values: values.map((value) => value * scale), vectors };
    return { values: small.values, eigen: () => Promise.resolve(small) };
  }
  let tridiagonal: Tridiagonal | undefined = await tridiagonalize(
    scaled,
    size,
    makePause(options, 'tridiagonalize kernel'),
  );
  const { diagonal, offDiagonal } = tridiagonal;
  let known: SymmetricEigen | undefined;
  return {
    values: tridiagonalEigenvalues(diagonal, offDiagonal)
      .map((value) => value * scale)
      .sort(),
    eigen: async (later = options) => {
      if (known || !tridiagonal) return known!;
      const pause = makePause(later, 'eigenvalues of kernel');
      const { values, vectors } = await tridiagonalEigen(diagonal, offDiagonal, pause);
      const rows = transpose(vectors, size);
      await applyReflectors(rows, size, tridiagonal, makePause(later, 'eigenvectors of kernel'));
      known = { size, values: values.map((value) => value * scale), vectors: rows };
      tridiagonal = undefined;
      return known;
    },
  };
};

/** V φ(Λ) Vᵀ x: φ is given each component of x along an eigenvector, with its eigenvalue. */
export const throughSpectrum = (
  { size, values, vectors }: SymmetricEigen,
  x: Float64Array,
  phi: (component: number, value: number) => number,
): Float64Array => {
  const components = multiply(vectors, size, size, x).map((component, k) => phi(component, values[k]!));
  return multiplyTransposed(vectors, size, size, components);
};
