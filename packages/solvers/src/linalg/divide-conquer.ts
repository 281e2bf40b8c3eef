import type { AddProduct } from '@ntk-lens/core';
import { plainProduct } from './add-product.js';
import { jacobiEigen } from './jacobi.js';
import type { Pause } from './pause.js';
import { transpose } from './products.js';
import { type SecularRoot, secularRoot } from './secular.js';

/** S of T = S Λ Sᵀ in factors: O(n²) numbers, and as many operations for a product with a vector. */
type Factors = Leaf | Merge;

interface Leaf {
  readonly size: number;
  /** Eigenvector k is row k. */
  readonly vectors: Float64Array;
}

/** Two halves, and the eigenvectors of diag(d) + ρ z zᵀ in the columns of both. */
interface Merge {
  readonly size: number;
  readonly halves: readonly [Factors, Factors];
  readonly rotations: readonly Rotation[];
  /** Columns that the rank-one change moves. */
  readonly moved: readonly number[];
  /** Eigenvectors as rows, over the moved columns. */
  readonly secular: Float64Array;
  /** The origin of each eigenvector, in ascending order: a row of `secular`, or ~column for one that was left. */
  readonly order: readonly number[];
}

interface Rotation {
  readonly i: number;
  readonly j: number;
  readonly c: number;
  readonly s: number;
}

/** Eigenvalues ascending, their vectors, and the first and last component of each. */
export interface TridiagonalEigen {
  readonly values: Float64Array;
  readonly factors: Factors;
  readonly first: Float64Array;
  readonly last: Float64Array;
}

const leafSize = 32;
const epsilon = 2 ** -53;

const leaf = (diagonal: Float64Array, off: Float64Array): TridiagonalEigen => {
  const n = diagonal.length;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    matrix[i * (n + 1)] = diagonal[i]!;
    if (i + 1 < n) matrix[i * n + i + 1] = matrix[(i + 1) * n + i] = off[i]!;
  }
  const { values, vectors } = jacobiEigen(matrix, n);
  return {
    ...{ values, factors: { size: n, vectors } },
    first: values.map((_, k) => vectors[k * n]!),
    last: values.map((_, k) => vectors[k * n + n - 1]!),
  };
};

/** Columns i and j of a row-major `[…, columns]` array, turned. */
const rotateRows = (x: Float64Array, columns: number, { i, j, c, s }: Rotation): void => {
  for (let q = 0; q < columns; q++) {
    const [first, second] = [x[i * columns + q]!, x[j * columns + q]!];
    x[i * columns + q] = c * first + s * second;
    x[j * columns + q] = c * second - s * first;
  }
};

/** Splits columns into those that the rank-one change moves and those it leaves (LAPACK's `dlaed2`); changes d and z. */
const deflate = (
  d: Float64Array,
  z: Float64Array,
  rho: number,
): { moved: number[]; left: number[]; rotations: Rotation[] } => {
  const order = Array.from(d.keys()).sort((a, b) => d[a]! - d[b]!);
  const size = order.reduce((most, k) => Math.max(most, Math.abs(d[k]!), Math.abs(z[k]!)), 0);
  const tolerance = 8 * epsilon * size;
  const moved: number[] = [];
  const left: number[] = [];
  const rotations: Rotation[] = [];
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
        rotations.push({ i: previous, j: k, c, s });
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
  return { moved, left, rotations };
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

/** Mᵀ X in place of X for the last step of a merge, row-major `[size, columns]`; its halves are done. */
const throughMerge = async (
  { rotations, moved, secular, order }: Omit<Merge, 'halves'>,
  x: Float64Array,
  columns: number,
  addProduct: AddProduct,
): Promise<void> => {
  for (const rotation of rotations) rotateRows(x, columns, rotation);
  const count = moved.length;
  const before = rowsOf(x, columns, moved);
  const after = new Float64Array(count * columns);
  await addProduct({
    ...{ c: after, a: secular, b: before, rows: count, columns, depth: count },
    alpha: 1,
  });
  const old = x.slice();
  for (const [k, origin] of order.entries()) {
    const [source, row] = origin < 0 ? [old, ~origin] : [after, origin];
    x.set(source.subarray(row * columns, (row + 1) * columns), k * columns);
  }
};

/** M X in place of X: undoes {@link throughMerge}. */
const backThroughMerge = async (
  { rotations, moved, secular, order }: Merge,
  x: Float64Array,
  columns: number,
  addProduct: AddProduct,
): Promise<void> => {
  const count = moved.length;
  const before = new Float64Array(count * columns);
  const old = x.slice();
  for (const [k, origin] of order.entries()) {
    const [target, row] = origin < 0 ? [x, ~origin] : [before, origin];
    target.set(old.subarray(k * columns, (k + 1) * columns), row * columns);
  }
  const after = new Float64Array(count * columns);
  await addProduct({
    ...{ c: after, a: transpose(secular, count, count), b: before, rows: count, columns, depth: count },
    alpha: 1,
  });
  for (const [row, column] of moved.entries()) {
    x.set(after.subarray(row * columns, (row + 1) * columns), column * columns);
  }
  for (const { i, j, c, s } of [...rotations].reverse()) rotateRows(x, columns, { i, j, c, s: -s });
};

const rowsOf = (x: Float64Array, columns: number, rows: readonly number[]): Float64Array => {
  const out = new Float64Array(rows.length * columns);
  for (const [k, row] of rows.entries()) out.set(x.subarray(row * columns, (row + 1) * columns), k * columns);
  return out;
};

/** Sᵀ X, or S X, in place of X, row-major `[size, columns]`. */
export const applyVectors = async (
  factors: Factors,
  x: Float64Array,
  columns: number,
  transposed: boolean,
  addProduct: AddProduct,
  pause: Pause,
): Promise<void> => {
  const { size } = factors;
  if ('vectors' in factors) {
    const c = new Float64Array(size * columns);
    const a = transposed ? factors.vectors : transpose(factors.vectors, size, size);
    await plainProduct({ c, a, b: x, rows: size, columns, depth: size, alpha: 1 });
    x.set(c);
    return;
  }
  if (columns > 1) await pause();
  if (!transposed) await backThroughMerge(factors, x, columns, addProduct);
  const [upper, lower] = factors.halves;
  const middle = upper.size * columns;
  await applyVectors(upper, x.subarray(0, middle), columns, transposed, addProduct, pause);
  await applyVectors(lower, x.subarray(middle), columns, transposed, addProduct, pause);
  if (transposed) await throughMerge(factors, x, columns, addProduct);
};

const merge = async (
  upper: TridiagonalEigen,
  lower: TridiagonalEigen,
  coupling: number,
  pause: Pause,
): Promise<TridiagonalEigen> => {
  const n1 = upper.values.length;
  const size = n1 + lower.values.length;
  const joined = (a: Float64Array, b: Float64Array): Float64Array => {
    const both = new Float64Array(size);
    both.set(a);
    both.set(b, n1);
    return both;
  };
  const sign = coupling < 0 ? -1 : 1;
  const d = joined(upper.values, lower.values);
  const z = joined(upper.last, lower.first).map((x, k) => (k < n1 ? x : sign * x) * Math.SQRT1_2);
  const rho = 2 * Math.abs(coupling);
  const { moved, left, rotations } = deflate(d, z, rho);
  const dm = Float64Array.from(moved, (k) => d[k]!);
  const zm = Float64Array.from(moved, (k) => z[k]!);
  const z2 = zm.map((value) => value * value);
  const roots: SecularRoot[] = [];
  for (let k = 0; k < dm.length; k++) {
    if (k % 64 === 0) await pause();
    roots.push(secularRoot(dm, z2, rho, dm.length, k));
  }
  const entries = [
    ...roots.map(({ origin, shift }, at) => ({ value: dm[origin]! + shift, origin: at })),
    ...left.map((column) => ({ value: d[column]!, origin: ~column })),
  ].sort((a, b) => a.value - b.value);
  const last = {
    ...{ size, rotations, moved, secular: secularVectors(dm, zm, roots) },
    order: entries.map(({ origin }) => origin),
  };
  await pause();
  const [top, bottom] = [new Float64Array(n1), new Float64Array(size - n1)];
  const [first, end] = [joined(upper.first, bottom), joined(top, lower.last)];
  await throughMerge(last, first, 1, plainProduct);
  await throughMerge(last, end, 1, plainProduct);
  return {
    values: Float64Array.from(entries, ({ value }) => value),
    factors: { ...last, halves: [upper.factors, lower.factors] },
    ...{ first, last: end },
  };
};

/**
 * Eigendecomposition of a symmetric tridiagonal matrix by divide and conquer (Cuppen 1981; Gu & Eisenstat 1995). The
 * eigenvectors stay in factors, which {@link applyVectors} multiplies by, so that all of it takes O(n²) operations.
 *
 * @param diagonal n entries
 * @param offDiagonal n − 1 entries
 */
export const tridiagonalEigen = async (
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  pause: Pause,
): Promise<TridiagonalEigen> => {
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
