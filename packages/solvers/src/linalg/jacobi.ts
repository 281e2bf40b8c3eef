import { ConvergenceError } from '../errors.js';

const maximumSweeps = 60;

/** Turns x and y by an angle with sine s; tau is s/(1 + cosine). */
const turn = (a: Float64Array, x: number, y: number, s: number, tau: number): void => {
  const [ax, ay] = [a[x]!, a[y]!];
  a[x] = ax - s * (ay + tau * ax);
  a[y] = ay + s * (ax - tau * ay);
};

/**
 * Eigendecomposition of a small symmetric matrix by Jacobi's rotations, row by row until none is left to make. Small
 * eigenvalues of a positive definite matrix come out as exact as its entries allow (Demmel & Veselić 1992).
 *
 * @param matrix row-major `[n, n]`; not changed
 * @returns values ascending; eigenvector k is row k of the row-major vectors
 */
export const jacobiEigen = (
  matrix: Float64Array,
  n: number,
): { readonly values: Float64Array; readonly vectors: Float64Array } => {
  const a = Float64Array.from(matrix);
  const v = Float64Array.from(a, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
  const floor = 2 ** -70 * a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  let rotations = 1;
  for (let sweep = 0; rotations > 0; sweep++) {
    if (sweep === maximumSweeps) throw new ConvergenceError('Eigenvalues', sweep, 'Check the kernel.');
    rotations = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const coupling = a[p * n + q]!;
        const [first, second] = [a[p * (n + 1)]!, a[q * (n + 1)]!];
        const negligible = 2 ** -53 * Math.sqrt(Math.abs(first)) * Math.sqrt(Math.abs(second));
        if (Math.abs(coupling) <= Math.max(floor, negligible)) continue;
        rotations++;
        const theta = (second - first) / (2 * coupling);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(1, theta));
        const c = 1 / Math.hypot(1, t);
        const [s, tau] = [t * c, (t * c) / (1 + c)];
        for (let k = 0; k < n; k++) {
          turn(v, p * n + k, q * n + k, s, tau);
          if (k === p || k === q) continue;
          turn(a, p * n + k, q * n + k, s, tau);
          a[k * n + p] = a[p * n + k]!;
          a[k * n + q] = a[q * n + k]!;
        }
        a[p * (n + 1)] = first - t * coupling;
        a[q * (n + 1)] = second + t * coupling;
        a[p * n + q] = a[q * n + p] = 0;
      }
    }
  }
  const diagonal = Float64Array.from({ length: n }, (_, k) => a[k * (n + 1)]!);
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[i]! - diagonal[j]!);
  const vectors = new Float64Array(n * n);
  for (const [k, from] of order.entries()) vectors.set(v.subarray(from * n, (from + 1) * n), k * n);
  return { values: Float64Array.from(order, (k) => diagonal[k]!), vectors };
};
