import type { AddProduct } from '@ntk-lens/core';
import { gemm, window } from './gemm.js';
import type { Pause } from './pause.js';
import { dot } from './products.js';

/** Columns of a panel: the inner dimension of all products of a large factorization. */
const panel = 256;
const tile = 32;

/**
 * L of K = L Lᵀ, in panels of {@link panel} columns. Panel p holds the rows from its first column on, row-major; what
 * stands above the diagonal of L is zero.
 */
export interface CholeskyFactor {
  readonly size: number;
  readonly panels: readonly Float64Array[];
  /** Inverses of the diagonal blocks. */
  readonly inverses: readonly Float64Array[];
}

/** Columns of panel p, and its rows. */
const shapeOf = (size: number, p: number): readonly [width: number, rows: number] => {
  const start = p * panel;
  return [Math.min(panel, size - start), size - start];
};

/** Factors the block at the top of a panel, a tile of columns at a time; false where a pivot is not positive. */
const factorBlock = (a: Float64Array, width: number): boolean => {
  for (let k = 0; k < width; k += tile) {
    const end = Math.min(width, k + tile);
    const left = window(a, width, k * width);
    gemm(window(a, width, k * width + k), left, left, width - k, end - k, k, -1);
    for (let j = k; j < end; j++) {
      const pivot = a[j * width + j]! - dot(a, j * width + k, a, j * width + k, j - k);
      if (!(pivot > 0)) return false;
      const root = Math.sqrt(pivot);
      a[j * width + j] = root;
      for (let i = j + 1; i < width; i++) {
        a[i * width + j] = (a[i * width + j]! - dot(a, i * width + k, a, j * width + k, j - k)) / root;
      }
    }
  }
  for (let i = 0; i < width; i++) a.fill(0, i * width + i + 1, (i + 1) * width);
  return true;
};

/** L⁻¹ of the lower triangular block at the top of a panel, row by row. */
const invertBlock = (l: Float64Array, width: number): Float64Array => {
  const inverse = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    const row = i * width;
    inverse[row + i] = 1;
    for (let k = 0; k < i; k++) {
      const factor = l[row + k]!;
      if (factor === 0) continue;
      for (let j = 0; j <= k; j++) inverse[row + j]! -= factor * inverse[k * width + j]!;
    }
    for (let j = 0; j <= i; j++) inverse[row + j]! /= l[row + i]!;
  }
  return inverse;
};

/** Panels of the lower triangle of a row-major `[size, size]` array plus a multiple of I. */
const panelsOf = (a: Float64Array, size: number, shift: number): Float64Array[] =>
  Array.from({ length: Math.ceil(size / panel) }, (_, p) => {
    const [width, rows] = shapeOf(size, p);
    const start = p * panel;
    const out = new Float64Array(rows * width);
    for (let i = 0; i < rows; i++) {
      const from = (start + i) * size + start;
      out.set(a.subarray(from, from + width), i * width);
      if (i < width) out[i * (width + 1)]! += shift;
    }
    return out;
  });

/**
 * The Cholesky factor of a symmetric positive definite matrix K + shift·I: blocked and right-looking, so that all but
 * a sliver of it is products of matrices.
 *
 * @param a row-major `[size, size]`; only the lower triangle is read, and it is not changed
 * @returns undefined as soon as a pivot is not positive
 */
export const choleskyOf = async (
  a: Float64Array,
  size: number,
  shift: number,
  addProduct: AddProduct,
  pause: Pause,
): Promise<CholeskyFactor | undefined> => {
  const panels = panelsOf(a, size, shift);
  const inverses: Float64Array[] = [];
  for (const [p, current] of panels.entries()) {
    const [width, rows] = shapeOf(size, p);
    await pause(p * panel, size, 'rows');
    if (!factorBlock(current, width)) return undefined;
    const inverse = invertBlock(current, width);
    inverses.push(inverse);
    if (rows === width) break;
    // The rows below become X with X Lᵀ = A, by the inverse of the block.
    const below = current.slice(width * width);
    const c = current.subarray(width * width).fill(0);
    await addProduct({
      ...{ c, a: below, b: inverse, rows: rows - width, columns: width, depth: width },
      ...{ alpha: 1, transposed: true },
    });
    for (let next = p + 1; next < panels.length; next++) {
      await pause(p * panel, size, 'rows');
      const [columns, count] = shapeOf(size, next);
      const left = current.subarray((rows - count) * width);
      await addProduct({
        ...{ c: panels[next]!, a: left, b: left.subarray(0, columns * width) },
        ...{ rows: count, columns, depth: width, alpha: -1, transposed: true },
      });
    }
  }
  return { size, panels, inverses };
};

/** Solves L Lᵀ x = b. */
export const choleskySolve = ({ size, panels }: CholeskyFactor, right: Float64Array): Float64Array => {
  const x = Float64Array.from(right);
  for (const [p, l] of panels.entries()) {
    const [width, rows] = shapeOf(size, p);
    const start = p * panel;
    for (let i = 0; i < width; i++) {
      x[start + i] = (x[start + i]! - dot(l, i * width, x, start, i)) / l[i * width + i]!;
    }
    for (let i = width; i < rows; i++) x[start + i]! -= dot(l, i * width, x, start, width);
  }
  for (let p = panels.length - 1; p >= 0; p--) {
    const l = panels[p]!;
    const [width, rows] = shapeOf(size, p);
    const start = p * panel;
    for (let i = rows - 1; i >= 0; i--) {
      if (i < width) x[start + i]! /= l[i * width + i]!;
      const value = x[start + i]!;
      const last = Math.min(i, width);
      for (let j = 0; j < last; j++) x[start + j]! -= l[i * width + j]! * value;
    }
  }
  return x;
};

/** L⁻¹, row-major `[size, size]`: K⁻¹ is its transpose times itself. */
export const choleskyInverse = async (
  { size, panels, inverses }: CholeskyFactor,
  addProduct: AddProduct,
  pause: Pause,
): Promise<Float64Array> => {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) out[i * (size + 1)] = 1;
  for (const [p, l] of panels.entries()) {
    await pause(p * panel, size, 'rows');
    const [width, rows] = shapeOf(size, p);
    const start = p * panel;
    const own = out.subarray(start * size, (start + width) * size);
    const known = own.slice();
    own.fill(0);
    await addProduct({
      ...{ c: own, a: inverses[p]!, b: known, rows: width, columns: size, depth: width },
      ...{ alpha: 1, transposed: false },
    });
    if (rows === width) break;
    await addProduct({
      ...{ c: out.subarray((start + width) * size), a: l.subarray(width * width), b: own },
      ...{ rows: rows - width, columns: size, depth: width, alpha: -1, transposed: false },
    });
  }
  return out;
};
