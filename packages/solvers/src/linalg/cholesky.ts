import type { AddProduct } from '@ntk-lens/core';
import { gemm, window } from './gemm.js';
import type { Pause } from './pause.js';
import { dot, multiply, multiplyTransposed } from './products.js';

/** Rows and columns of a block. */
const BLOCK = 256;
/** Those of a block inside one on the diagonal: with more, too much is done without products. */
const INNER_BLOCK = 64;
const tile = 32;

/** L of K = L Lᵀ, in blocks of rows. */
export interface CholeskyFactor {
  readonly size: number;
  readonly rows: readonly BlockRow[];
}

/** The rows of L from `start` on, as many as its block on the diagonal has. */
interface BlockRow {
  readonly start: number;
  /** Block left of the diagonal, transposed: `[start, width]`. */
  readonly left: Float64Array;
  /** Block on the diagonal, `[width, width]`; zero above it. */
  readonly diagonal: Float64Array;
  /** Inverse of `diagonal`. */
  readonly inverse: Float64Array;
}

const widthOf = ({ left, diagonal, start }: BlockRow): number =>
  start === 0 ? Math.sqrt(diagonal.length) : left.length / start;

/** Factors a small block, a tile of columns at a time; false where a pivot is not positive. */
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

/** L⁻¹ of a small lower triangular block, row by row. */
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

/** Factors a block on the diagonal in place, and inverts the factor; undefined where a pivot is not positive. */
const factorDiagonal = async (
  a: Float64Array,
  width: number,
  addProduct: AddProduct,
  pause: Pause,
): Promise<Float64Array | undefined> => {
  if (width <= INNER_BLOCK) return factorBlock(a, width) ? invertBlock(a, width) : undefined;
  /** Its rows are not those of progress. */
  const quiet: Pause = () => pause();
  const factor = await factorInBlocks(a, width, 0, INNER_BLOCK, addProduct, quiet);
  if (!factor) return undefined;
  a.fill(0);
  for (const row of factor.rows) {
    const { start, left, diagonal } = row;
    const own = widthOf(row);
    for (let i = 0; i < own; i++) {
      for (let j = 0; j < start; j++) a[(start + i) * width + j] = left[j * own + i]!;
      a.set(diagonal.subarray(i * own, (i + 1) * own), (start + i) * width + start);
    }
  }
  return choleskyInverse(factor, addProduct, quiet);
};

/**
 * The columns of a block, down to the end of its square on the diagonal, of K + shift·I: `[start + width, width]`. Only the
 * lower triangle of `a` is read.
 */
const columnsOf = (
  a: Float64Array,
  size: number,
  shift: number,
  start: number,
  width: number,
): Float64Array => {
  const out = new Float64Array((start + width) * width);
  for (let from = 0; from < start; from += tile) {
    const to = Math.min(start, from + tile);
    for (let k = 0; k < width; k++) {
      const row = (start + k) * size;
      for (let i = from; i < to; i++) out[i * width + k] = a[row + i]!;
    }
  }
  for (let k = 0; k < width; k++) {
    const row = (start + k) * size + start;
    out.set(a.subarray(row, row + width), (start + k) * width);
    out[(start + k) * width + k]! += shift;
  }
  return out;
};

/**
 * The Cholesky factor of a symmetric positive definite matrix K + shift·I, in blocks, so that all but a sliver of it is
 * products of matrices. They are as deep as they can be: a block takes in all that is left of it at once.
 *
 * @param a row-major `[size, size]`; only the lower triangle is read, and it is not changed
 * @returns undefined as soon as a pivot is not positive
 */
export const choleskyOf = (
  a: Float64Array,
  size: number,
  shift: number,
  addProduct: AddProduct,
  pause: Pause,
): Promise<CholeskyFactor | undefined> => factorInBlocks(a, size, shift, BLOCK, addProduct, pause);

const factorInBlocks = async (
  a: Float64Array,
  size: number,
  shift: number,
  block: number,
  addProduct: AddProduct,
  pause: Pause,
): Promise<CholeskyFactor | undefined> => {
  const starts = Array.from({ length: Math.ceil(size / block) }, (_, p) => p * block);
  const widths = starts.map((start) => Math.min(block, size - start));
  // Columns of K become those of Lᵀ, one row of blocks after another.
  const columns = starts.map((start, p) => columnsOf(a, size, shift, start, widths[p]!));
  const rows: BlockRow[] = [];
  const copy = new Float64Array(block * block);
  for (const [p, start] of starts.entries()) {
    const width = widths[p]!;
    const left = columns[p]!.subarray(0, start * width);
    let inverse: Float64Array | undefined;
    for (let q = p; q < starts.length; q++) {
      await pause(start, size, 'rows');
      const [of, own] = [columns[q]!, widths[q]!];
      const c = of.subarray(start * own, (start + width) * own);
      await addProduct({
        ...{ c, a: left, b: of.subarray(0, start * own), rows: width, columns: own, depth: start },
        ...{ alpha: -1, transposeA: true },
      });
      if (q === p) {
        inverse = await factorDiagonal(c, width, addProduct, pause);
        if (!inverse) return undefined;
        rows.push({ start, left, diagonal: c.slice(), inverse });
        continue;
      }
      const known = copy.subarray(0, c.length);
      known.set(c);
      c.fill(0);
      await addProduct({
        ...{ c, a: inverse!, b: known, rows: width, columns: own, depth: width },
        alpha: 1,
      });
    }
  }
  return { size, rows };
};

/** Solves L Lᵀ x = b. */
export const choleskySolve = ({ rows }: CholeskyFactor, right: Float64Array): Float64Array => {
  const x = Float64Array.from(right);
  for (const row of rows) {
    const { start, left, diagonal } = row;
    const width = widthOf(row);
    const known = multiplyTransposed(left, start, width, x);
    for (let i = 0; i < width; i++) {
      const own = dot(diagonal, i * width, x, start, i);
      x[start + i] = (x[start + i]! - known[i]! - own) / diagonal[i * (width + 1)]!;
    }
  }
  for (const row of rows.toReversed()) {
    const { start, left, diagonal } = row;
    const width = widthOf(row);
    for (let i = width - 1; i >= 0; i--) {
      const value = x[start + i]! / diagonal[i * (width + 1)]!;
      x[start + i] = value;
      for (let j = 0; j < i; j++) x[start + j]! -= diagonal[i * width + j]! * value;
    }
    const known = multiply(left, start, width, x.subarray(start, start + width));
    for (let j = 0; j < start; j++) x[j]! -= known[j]!;
  }
  return x;
};

/** L⁻¹, row-major `[size, size]`: K⁻¹ is its transpose times itself. */
export const choleskyInverse = async (
  { size, rows }: CholeskyFactor,
  addProduct: AddProduct,
  pause: Pause,
): Promise<Float64Array> => {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) out[i * (size + 1)] = 1;
  for (const row of rows) {
    const { start, left, inverse } = row;
    const width = widthOf(row);
    await pause(start, size, 'rows');
    const own = out.subarray(start * size, (start + width) * size);
    await addProduct({
      ...{ c: own, a: left, b: out.subarray(0, start * size), rows: width, columns: size, depth: start },
      ...{ alpha: -1, transposeA: true },
    });
    const known = own.slice();
    own.fill(0);
    await addProduct({
      ...{ c: own, a: inverse, b: known, rows: width, columns: size, depth: width },
      alpha: 1,
    });
  }
  return out;
};
