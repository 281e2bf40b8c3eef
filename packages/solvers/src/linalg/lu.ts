import { gemm, window } from './gemm.js';
import type { Pause } from './pause.js';
import { dot } from './products.js';

const panel = 64;

/** P A = L U: L and U in one array, its unit diagonal left out, and which row of A each of its rows was. */
export interface LuFactors {
  readonly factors: Float64Array;
  readonly order: Int32Array;
}

const swapRows = (a: Float64Array, n: number, i: number, j: number): void => {
  for (let c = 0; c < n; c++) {
    const kept = a[i * n + c]!;
    a[i * n + c] = a[j * n + c]!;
    a[j * n + c] = kept;
  }
};

const pivotOf = (a: Float64Array, n: number, column: number): number => {
  let best = column;
  for (let i = column + 1; i < n; i++) {
    if (Math.abs(a[i * n + column]!) > Math.abs(a[best * n + column]!)) best = i;
  }
  return best;
};

/** Columns k … end − 1 below the diagonal; false when a column is zero. */
const factorPanel = (a: Float64Array, n: number, k: number, end: number, order: Int32Array): boolean => {
  for (let j = k; j < end; j++) {
    const pivotRow = pivotOf(a, n, j);
    const pivot = a[pivotRow * n + j]!;
    if (pivot === 0) return false;
    if (pivotRow !== j) {
      swapRows(a, n, j, pivotRow);
      [order[j], order[pivotRow]] = [order[pivotRow]!, order[j]!];
    }
    for (let i = j + 1; i < n; i++) {
      const factor = a[i * n + j]! / pivot;
      a[i * n + j] = factor;
      if (factor === 0) continue;
      for (let c = j + 1; c < end; c++) a[i * n + c]! -= factor * a[j * n + c]!;
    }
  }
  return true;
};

/**
 * Overwrites a square matrix with its LU factors: partial pivoting, blocked and right-looking, so that almost all of
 * it is matrix products.
 *
 * @param a row-major `[n, n]`
 * @returns undefined when a pivot is exactly zero
 */
export const luInPlace = async (a: Float64Array, n: number, pause: Pause): Promise<LuFactors | undefined> => {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let k = 0; k < n; k += panel) {
    await pause(k, n, 'rows');
    const end = Math.min(n, k + panel);
    if (!factorPanel(a, n, k, end, order)) return undefined;
    const [width, rest] = [end - k, n - end];
    const upper = new Float64Array(rest * width);
    for (let r = k; r < end; r++) {
      for (let q = k; q < r; q++) {
        const factor = a[r * n + q]!;
        for (let c = end; c < n; c++) a[r * n + c]! -= factor * a[q * n + c]!;
      }
      for (let c = end; c < n; c++) upper[(c - end) * width + r - k] = a[r * n + c]!;
    }
    gemm(window(a, n, end * n + end), window(a, n, end * n + k), window(upper, width), rest, rest, width, -1);
  }
  return { factors: a, order };
};

/** Solves A x = b. */
export const luSolve = ({ factors, order }: LuFactors, right: Float64Array): Float64Array => {
  const n = order.length;
  const x = Float64Array.from(order, (row) => right[row]!);
  for (let i = 1; i < n; i++) x[i]! -= dot(factors, i * n, x, 0, i);
  for (let i = n - 1; i >= 0; i--) {
    const above = dot(factors, i * n + i + 1, x, i + 1, n - i - 1);
    x[i] = (x[i]! - above) / factors[i * n + i]!;
  }
  return x;
};
