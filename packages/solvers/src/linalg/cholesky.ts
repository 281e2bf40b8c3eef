import { gemm, window } from './gemm.js';
import type { Pause } from './pause.js';
import { dot } from './products.js';

const panel = 64;

/**
 * Overwrites the lower triangle of a symmetric positive definite matrix with its Cholesky factor L, K = L Lᵀ;
 * blocked, left-looking. The strict upper triangle is left as it was.
 *
 * @param a row-major `[n, n]`; only the lower triangle is read
 * @returns false as soon as a pivot is not positive
 */
export const choleskyInPlace = async (a: Float64Array, n: number, pause: Pause): Promise<boolean> => {
  for (let k = 0; k < n; k += panel) {
    await pause(k, n, 'rows');
    const end = Math.min(n, k + panel);
    const rows = window(a, n, k * n);
    gemm(window(a, n, k * n + k), rows, rows, n - k, end - k, k, -1);
    for (let j = k; j < end; j++) {
      const pivot = a[j * n + j]! - dot(a, j * n + k, a, j * n + k, j - k);
      if (!(pivot > 0)) return false;
      const root = Math.sqrt(pivot);
      a[j * n + j] = root;
      for (let i = j + 1; i < n; i++) {
        a[i * n + j] = (a[i * n + j]! - dot(a, i * n + k, a, j * n + k, j - k)) / root;
      }
    }
  }
  return true;
};

/** Solves L Lᵀ x = b. */
export const choleskySolve = (factor: Float64Array, n: number, right: Float64Array): Float64Array => {
  const x = Float64Array.from(right);
  for (let i = 0; i < n; i++) x[i] = (x[i]! - dot(factor, i * n, x, 0, i)) / factor[i * n + i]!;
  for (let i = n - 1; i >= 0; i--) {
    const value = x[i]! / factor[i * n + i]!;
    x[i] = value;
    for (let j = 0; j < i; j++) x[j]! -= factor[i * n + j]! * value;
  }
  return x;
};
