import { gemm, window } from './gemm.js';
import type { Pause } from './pause.js';
import { dot } from './products.js';

const panel = 32;

/** K = Q T Qᵀ: T's diagonals, and Q as the Householder vectors of H₀ H₁ … H_{n−2}. */
export interface Tridiagonal {
  readonly size: number;
  readonly diagonal: Float64Array;
  /** Entry i couples i and i + 1. */
  readonly offDiagonal: Float64Array;
  /** Row j is the vector of H_j = I − tau[j] v vᵀ; zero up to column j, 1 at column j + 1. */
  readonly reflectors: Float64Array;
  readonly tau: Float64Array;
}

/** y ← A x on the trailing part from `start`, A symmetric and read from its lower triangle. */
const symmetricTimes = (
  a: Float64Array,
  n: number,
  start: number,
  x: Float64Array,
  y: Float64Array,
): void => {
  y.fill(0, start);
  let i = start;
  for (; i + 1 < n; i += 2) {
    const r0 = i * n;
    const r1 = r0 + n;
    const x0 = x[i]!;
    const x1 = x[i + 1]!;
    let s0 = 0;
    let s1 = 0;
    for (let j = start; j < i; j++) {
      const a0 = a[r0 + j]!;
      const a1 = a[r1 + j]!;
      const xj = x[j]!;
      s0 += a0 * xj;
      s1 += a1 * xj;
      y[j]! += a0 * x0 + a1 * x1;
    }
    const below = a[r1 + i]!;
    y[i] = s0 + a[r0 + i]! * x0 + below * x1;
    y[i + 1] = s1 + below * x0 + a[r1 + i + 1]! * x1;
  }
  if (i < n) {
    const r = i * n;
    const xi = x[i]!;
    let sum = 0;
    for (let j = start; j < i; j++) {
      sum += a[r + j]! * x[j]!;
      y[j]! += a[r + j]! * xi;
    }
    y[i] = sum + a[r + i]! * xi;
  }
};

/** Householder vector of x[from…] onto its first entry; x becomes the vector. Returns [tau, beta]. */
const reflector = (x: Float64Array, from: number, n: number): readonly [number, number] => {
  const alpha = x[from]!;
  let scale = 0;
  for (let i = from + 1; i < n; i++) scale = Math.max(scale, Math.abs(x[i]!));
  if (scale === 0) {
    x[from] = 1;
    return [0, alpha];
  }
  let squares = 0;
  scale = Math.max(scale, Math.abs(alpha));
  for (let i = from; i < n; i++) squares += (x[i]! / scale) ** 2;
  const beta = -Math.sign(alpha || 1) * scale * Math.sqrt(squares);
  const divisor = alpha - beta;
  for (let i = from + 1; i < n; i++) x[i]! /= divisor;
  x[from] = 1;
  return [(beta - alpha) / beta, beta];
};

/**
 * Blocked Householder reduction of a symmetric matrix to tridiagonal form (the scheme of LAPACK's `dsytrd`): within a
 * panel, products with the not yet updated trailing part; after it, one rank-2·panel update by GEMM.
 *
 * @param a row-major `[n, n]`; its lower triangle is overwritten
 */
export const tridiagonalize = async (a: Float64Array, n: number, pause: Pause): Promise<Tridiagonal> => {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(Math.max(0, n - 1));
  const reflectors = new Float64Array(n * n);
  const tau = new Float64Array(n);
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  // Columns of [V W] and [W V], one row per matrix row, for the trailing update A −= V Wᵀ + W Vᵀ.
  const left = new Float64Array(n * 2 * panel);
  const right = new Float64Array(n * 2 * panel);
  const stride = 2 * panel;
  for (let start = 0; start < n; start += panel) {
    const width = Math.min(panel, n - start);
    left.fill(0);
    right.fill(0);
    for (let k = 0; k < width; k++) {
      const column = start + k;
      await pause(column, n, 'columns');
      for (let i = column; i < n; i++) {
        v[i] =
          a[i * n + column]! -
          dot(left, i * stride, right, column * stride, k) -
          dot(left, i * stride + panel, right, column * stride + panel, k);
      }
      diagonal[column] = v[column]!;
      if (column + 1 >= n) break;
      const [t, beta] = reflector(v, column + 1, n);
      offDiagonal[column] = beta;
      tau[column] = t;
      reflectors.set(v.subarray(column + 1, n), column * n + column + 1);
      symmetricTimes(a, n, column + 1, v, w);
      const leftV = new Float64Array(2 * panel);
      for (let i = column + 1; i < n; i++) {
        const vi = v[i]!;
        const row = i * stride;
        for (let p = 0; p < k; p++) {
          leftV[p]! += right[row + p]! * vi;
          leftV[panel + p]! += right[row + panel + p]! * vi;
        }
      }
      for (let i = column + 1; i < n; i++) {
        const row = i * stride;
        w[i] = t * (w[i]! - dot(left, row, leftV, 0, k) - dot(left, row + panel, leftV, panel, k));
      }
      const half = (-t / 2) * dot(w, column + 1, v, column + 1, n - column - 1);
      for (let i = column + 1; i < n; i++) {
        const wi = w[i]! + half * v[i]!;
        const row = i * stride;
        left[row + k] = v[i]!;
        left[row + panel + k] = wi;
        right[row + k] = wi;
        right[row + panel + k] = v[i]!;
      }
    }
    const next = start + width;
    if (next < n) {
      const at = next * stride;
      gemm(
        window(a, n, next * n + next),
        window(left, stride, at),
        window(right, stride, at),
        n - next,
        n - next,
        stride,
        -1,
        true,
      );
    }
  }
  return { size: n, diagonal, offDiagonal, reflectors, tau };
};

/**
 * Z ← Z Qᵀ for rows z of Z: turns eigenvectors of T (rows) into eigenvectors of K, panels of reflectors at a time in
 * compact WY form, H_s … H_{e−1} = I − Vᵀ S V.
 */
export const applyReflectors = async (
  z: Float64Array,
  rows: number,
  { size: n, reflectors, tau }: Tridiagonal,
  pause: Pause,
): Promise<void> => {
  const last = Math.max(0, n - 1);
  const starts: number[] = [];
  for (let s = 0; s < last; s += panel) starts.unshift(s);
  for (const [done, start] of starts.entries()) {
    await pause(done, starts.length, 'panels');
    const width = Math.min(panel, last - start);
    const from = start + 1;
    const s = new Float64Array(width * width);
    for (let j = 0; j < width; j++) {
      const t = tau[start + j]!;
      s[j * width + j] = t;
      const products = Float64Array.from({ length: j }, (_, i) =>
        dot(reflectors, (start + i) * n + from, reflectors, (start + j) * n + from, n - from),
      );
      for (let i = 0; i < j; i++) {
        let sum = 0;
        for (let m = i; m < j; m++) sum += s[i * width + m]! * products[m]!;
        s[i * width + j] = -t * sum;
      }
    }
    // z Qᵀ = z − (z Vᵀ) Sᵀ V, with V the reflectors as rows.
    const projected = new Float64Array(rows * width);
    gemm(
      window(projected, width),
      window(z, n, from),
      window(reflectors, n, start * n + from),
      rows,
      width,
      n - from,
      1,
    );
    const mixed = new Float64Array(rows * width);
    gemm(window(mixed, width), window(projected, width), window(s, width), rows, width, width, 1);
    const columns = new Float64Array((n - from) * width);
    for (let j = 0; j < width; j++) {
      for (let i = from; i < n; i++) columns[(i - from) * width + j] = reflectors[(start + j) * n + i]!;
    }
    gemm(window(z, n, from), window(mixed, width), window(columns, width), rows, n - from, width, -1);
  }
};
