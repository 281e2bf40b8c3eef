import { dot } from '../linalg/products.js';

/** ⟨x, y⟩. */
export const inner = (x: Float64Array, y: Float64Array): number => dot(x, 0, y, 0, x.length);

/** ‖x‖. */
export const norm = (x: Float64Array): number => Math.sqrt(inner(x, x));

/** y ← y + a x. */
export const addScaled = (y: Float64Array, a: number, x: Float64Array): void => {
  for (let i = 0; i < y.length; i++) y[i]! += a * x[i]!;
};

/** Σ_k c_k x_k of vectors of `size` numbers. */
export const combine = (
  vectors: readonly Float64Array[],
  coefficients: ArrayLike<number>,
  size: number,
): Float64Array => {
  const sum = new Float64Array(size);
  for (const [k, x] of vectors.entries()) addScaled(sum, coefficients[k]!, x);
  return sum;
};

/** x less its parts along orthonormal vectors, in place. */
export const removeParts = (x: Float64Array, basis: readonly Float64Array[]): void => {
  for (const q of basis) addScaled(x, -inner(q, x), q);
};

/** Columns that are shorter than this after their parts along others are removed are those parts and rounding. */
const dependent = 1e-10;

/** An orthonormal basis of the space of columns; columns that depend on others are left out. */
export const orthonormal = (columns: readonly Float64Array[]): Float64Array[] => {
  const basis: Float64Array[] = [];
  for (const column of columns) {
    const x = column.slice();
    const before = norm(x);
    // Twice is enough (Giraud, Langou & Rozložník 2005).
    removeParts(x, basis);
    removeParts(x, basis);
    const after = norm(x);
    if (after > dependent * before) basis.push(x.map((value) => value / after));
  }
  return basis;
};
