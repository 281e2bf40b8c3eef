import { gemm, window } from './gemm.js';
import { jacobiEigen } from './jacobi.js';
import type { Pause } from './pause.js';
import { transpose } from './products.js';
import { type SecularRoot, secularRoot } from './secular.js';

/** Eigenvalues ascending; eigenvector k is column k of the row-major `[size, size]` vectors. */
interface Decomposition {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const leafSize = 32;
const epsilon = 2 ** -53;

const leaf = (diagonal: Float64Array, off: Float64Array): Decomposition => {
  const n = diagonal.length;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    matrix[i * (n + 1)] = diagonal[i]!;
    if (i + 1 < n) matrix[i * n + i + 1] = matrix[(i + 1) * n + i] = off[i]!;
  }
  const { values, vectors } = jacobiEigen(matrix, n);
  return { values, vectors: transpose(vectors, n) };
};

/** Columns of the block-diagonal eigenvector matrix: which half a column lives in, before and after rotations. */
interface Merge {
  readonly n: number;
  readonly n1: number;
  readonly d: Float64Array;
  readonly z: Float64Array;
  /** Columns in ascending order of d. */
  readonly order: readonly number[];
  /** Row-major `[n, n]`. */
  readonly q: Float64Array;
}

const rotate = ({ q, n }: Merge, i: number, j: number, c: number, s: number): void => {
  for (let row = 0; row < n * n; row += n) {
    const x = q[row + i]!;
    const y = q[row + j]!;
    q[row + i] = c * x + s * y;
    q[row + j] = c * y - s * x;
  }
};

/** Splits columns into those that the rank-one change moves and those it leaves (LAPACK's `dlaed2`). */
const deflate = (merge: Merge, rho: number): { moved: number[]; left: number[] } => {
  const { d, z, order } = merge;
  const size = order.reduce((most, k) => Math.max(most, Math.abs(d[k]!), Math.abs(z[k]!)), 0);
  const tolerance = 8 * epsilon * size;
  const moved: number[] = [];
  const left: number[] = [];
  for (const k of order) {
    if (rho * Math.abs(z[k]!) <= tolerance) {
      left.push(k);
      continue;
    }
    const previous = moved.at(-1);
    if (previous !== undefined) {
      const length = Math.hypot(z[k]!, z[previous]!);
      const c = z[k]! / length;
      const s = -z[previous]! / length;
      const t = d[k]! - d[previous]!;
      if (Math.abs(t * c * s) <= tolerance) {
        rotate(merge, previous, k, c, s);
        z[k] = length;
        z[previous] = 0;
        const lower = d[previous]! * c * c + d[k]! * s * s;
        d[k] = d[previous]! * s * s + d[k]! * c * c;
        d[previous] = lower;
        moved.pop();
        left.push(previous);
      }
    }
    moved.push(k);
  }
  return { moved, left };
};

/** Eigenvectors (rows) of diag(d) + ρ z zᵀ in the moved columns, by the formula that keeps them orthogonal. */
const secularVectors = (d: Float64Array, z: Float64Array, roots: readonly SecularRoot[]): Float64Array => {
  const n = d.length;
  const rows = new Float64Array(n * n);
  for (const [k, { origin, shift }] of roots.entries()) {
    for (let j = 0; j < n; j++) rows[k * n + j] = d[j]! - d[origin]! - shift;
  }
  const exact = new Float64Array(n);
  for (let j = 0; j < n; j++) exact[j] = rows[j * n + j]!;
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) if (j !== k) exact[j]! *= rows[k * n + j]! / (d[j]! - d[k]!);
  }
  for (let j = 0; j < n; j++) exact[j] = Math.sign(z[j]!) * Math.sqrt(Math.max(0, -exact[j]!));
  for (let k = 0; k < n; k++) {
    let squares = 0;
    for (let j = 0; j < n; j++) {
      const entry = exact[j]! / rows[k * n + j]!;
      rows[k * n + j] = entry;
      squares += entry * entry;
    }
    const length = Math.sqrt(squares);
    for (let j = 0; j < n; j++) rows[k * n + j]! /= length;
  }
  return rows;
};

/** Rows `from…to` of the moved columns times the secular eigenvectors; columns that are zero there are left out. */
const updateRows = (
  { q, n }: Merge,
  moved: readonly number[],
  secular: Float64Array,
  from: number,
  to: number,
): Float64Array => {
  const rows = to - from;
  const touches = (column: number): boolean => {
    for (let i = from; i < to; i++) if (q[i * n + column] !== 0) return true;
    return false;
  };
  const used = Array.from(moved.keys()).filter((m) => touches(moved[m]!));
  const count = moved.length;
  const packed = new Float64Array(rows * used.length);
  for (let r = 0; r < rows; r++) {
    for (const [u, m] of used.entries()) packed[r * used.length + u] = q[(from + r) * n + moved[m]!]!;
  }
  let vectors = secular;
  if (used.length < count) {
    vectors = new Float64Array(count * used.length);
    for (let k = 0; k < count; k++) {
      for (const [u, m] of used.entries()) vectors[k * used.length + u] = secular[k * count + m]!;
    }
  }
  const out = new Float64Array(rows * count);
  gemm(
    window(out, count),
    window(packed, used.length),
    window(vectors, used.length),
    rows,
    count,
    used.length,
    1,
  );
  return out;
};

const joinHalves = (first: Decomposition, second: Decomposition, coupling: number): Merge => {
  const n1 = first.values.length;
  const n2 = second.values.length;
  const n = n1 + n2;
  const q = new Float64Array(n * n);
  for (let i = 0; i < n1; i++) q.set(first.vectors.subarray(i * n1, (i + 1) * n1), i * n);
  for (let i = 0; i < n2; i++) q.set(second.vectors.subarray(i * n2, (i + 1) * n2), (n1 + i) * n + n1);
  const d = new Float64Array(n);
  d.set(first.values);
  d.set(second.values, n1);
  const z = new Float64Array(n);
  const sign = coupling < 0 ? -1 : 1;
  for (let k = 0; k < n1; k++) z[k] = first.vectors[(n1 - 1) * n1 + k]! * Math.SQRT1_2;
  for (let k = 0; k < n2; k++) z[n1 + k] = sign * second.vectors[k]! * Math.SQRT1_2;
  const order = Array.from({ length: n }, (_, k) => k).sort((a, b) => d[a]! - d[b]!);
  return { n, n1, d, z, order, q };
};

const merge = async (
  first: Decomposition,
  second: Decomposition,
  coupling: number,
  pause: Pause,
): Promise<Decomposition> => {
  const joined = joinHalves(first, second, coupling);
  const { n, n1, d, q } = joined;
  const rho = 2 * Math.abs(coupling);
  const { moved, left } = deflate(joined, rho);
  const dm = Float64Array.from(moved, (k) => d[k]!);
  const zm = Float64Array.from(moved, (k) => joined.z[k]!);
  const z2 = zm.map((value) => value * value);
  const roots: SecularRoot[] = [];
  for (let k = 0; k < dm.length; k++) {
    if (k % 64 === 0) await pause();
    roots.push(secularRoot(dm, z2, rho, dm.length, k));
  }
  const secular = secularVectors(dm, zm, roots);
  await pause();
  const upper = updateRows(joined, moved, secular, 0, n1);
  await pause();
  const lower = updateRows(joined, moved, secular, n1, n);
  await pause();
  const entries = [
    ...roots.map(({ origin, shift }, at) => ({ value: dm[origin]! + shift, at, isMoved: true })),
    ...left.map((column) => ({ value: d[column]!, at: column, isMoved: false })),
  ].sort((a, b) => a.value - b.value);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const source = i < n1 ? upper : lower;
    const row = (i < n1 ? i : i - n1) * moved.length;
    for (const [k, { at, isMoved }] of entries.entries()) {
      vectors[i * n + k] = isMoved ? source[row + at]! : q[i * n + at]!;
    }
  }
  return { values: Float64Array.from(entries, ({ value }) => value), vectors };
};

/**
 * Eigendecomposition of a symmetric tridiagonal matrix by divide and conquer (Cuppen 1981; Gu & Eisenstat 1995).
 *
 * @param diagonal n entries
 * @param offDiagonal n − 1 entries
 */
export const tridiagonalEigen = async (
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  pause: Pause,
): Promise<Decomposition> => {
  const n = diagonal.length;
  if (n <= leafSize) return leaf(diagonal, offDiagonal);
  const half = n >> 1;
  const coupling = offDiagonal[half - 1]!;
  const upper = diagonal.slice(0, half);
  const lower = diagonal.slice(half);
  upper[half - 1]! -= Math.abs(coupling);
  lower[0]! -= Math.abs(coupling);
  const first = await tridiagonalEigen(upper, offDiagonal.slice(0, half - 1), pause);
  const second = await tridiagonalEigen(lower, offDiagonal.slice(half), pause);
  return merge(first, second, coupling, pause);
};
