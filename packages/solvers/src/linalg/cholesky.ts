import type { AddProduct } from '@ntk-lens/core';
import { gemm, window } from './gemm.js';
import type { Pause } from './pause.js';
import { dot, multiply, multiplyTransposed } from './products.js';

/** Columns of a panel. */
const BLOCK = 256;
/** Those of a panel inside a block on the diagonal: with more, too much is done without products. */
const INNER_BLOCK = 64;
const tile = 32;

/** L of K = L Lᵀ, in panels of columns. */
export interface CholeskyFactor {
  readonly size: number;
  readonly panels: readonly Panel[];
  /** The memory of all panels, for another factor once this one is not needed any more. */
  readonly storage: Float64Array;
}

/** Columns of L from the diagonal down, `width` of them from `start` on. */
interface Panel {
  readonly start: number;
  readonly width: number;
  /** Block on the diagonal, `[width, width]`; zero above it. */
  readonly diagonal: Float64Array;
  /** Inverse of `diagonal`. */
  readonly inverse: Float64Array;
  /** Rows below that block, `[size − start − width, width]`. */
  readonly below: Float64Array;
}

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
  const factor = await factorInPanels(a, width, 0, INNER_BLOCK, addProduct, quiet);
  if (!factor) return undefined;
  a.fill(0);
  for (const { start, width: own, diagonal, below } of factor.panels) {
    copyRows(diagonal, own, a.subarray(start * (width + 1)), width);
    copyRows(below, own, a.subarray((start + own) * width + start), width);
  }
  return choleskyInverse(factor, addProduct, quiet);
};

/** Copies rows of `width` numbers to the starts of rows of `stride` numbers. */
const copyRows = (rows: Float64Array, width: number, to: Float64Array, stride: number): void => {
  for (let i = 0; i * width < rows.length; i++) {
    to.set(rows.subarray(i * width, (i + 1) * width), i * stride);
  }
};

/**
 * The Cholesky factor of a symmetric positive definite matrix K + shift·I, a panel of columns at a time, so that all but a
 * sliver of it is products of matrices. From each panel, those to the left of it are subtracted.
 *
 * @param a row-major `[size, size]`; only the lower triangle counts, and it is not changed
 * @param spare the storage of a factor of the same size that is not needed any more: new memory takes time
 * @returns undefined as soon as a pivot is not positive
 */
export const choleskyOf = (
  a: Float64Array,
  size: number,
  shift: number,
  addProduct: AddProduct,
  pause: Pause,
  spare?: Float64Array,
): Promise<CholeskyFactor | undefined> => factorInPanels(a, size, shift, BLOCK, addProduct, pause, spare);

const factorInPanels = async (
  a: Float64Array,
  size: number,
  shift: number,
  block: number,
  addProduct: AddProduct,
  pause: Pause,
  spare?: Float64Array,
): Promise<CholeskyFactor | undefined> => {
  const starts = Array.from({ length: Math.ceil(size / block) }, (_, p) => p * block);
  const widthFrom = (start: number): number => Math.min(block, size - start);
  const storage =
    spare ?? new Float64Array(starts.reduce((sum, start) => sum + (size - start) * widthFrom(start), 0));
  const panels: Panel[] = [];
  const columns = new Float64Array(size * Math.min(block, size));
  let used = 0;
  for (const start of starts) {
    const width = widthFrom(start);
    const rows = size - start;
    const c = columns.subarray(0, rows * width);
    for (let i = 0; i < rows; i++) {
      const from = (start + i) * size + start;
      c.set(a.subarray(from, from + width), i * width);
      if (i < width) c[i * (width + 1)]! += shift;
    }
    for (const left of panels) {
      await pause(start, size, 'rows');
      const known = left.below.subarray((start - left.start - left.width) * left.width);
      await addProduct({
        ...{ c, a: known, b: known.subarray(0, width * left.width), rows, columns: width, depth: left.width },
        ...{ alpha: -1, transposeB: true },
      });
    }
    const panel = storage.subarray(used, (used += rows * width));
    const diagonal = panel.subarray(0, width * width);
    const below = panel.subarray(width * width).fill(0);
    diagonal.set(c.subarray(0, width * width));
    const inverse = await factorDiagonal(diagonal, width, addProduct, pause);
    if (!inverse) return undefined;
    await addProduct({
      ...{ c: below, a: c.subarray(width * width), b: inverse },
      ...{ rows: rows - width, columns: width, depth: width, alpha: 1, transposeB: true },
    });
    panels.push({ start, width, diagonal, inverse, below });
  }
  return { size, panels, storage };
};

/** Solves L Lᵀ x = b. */
export const choleskySolve = ({ size, panels }: CholeskyFactor, right: Float64Array): Float64Array => {
  const x = Float64Array.from(right);
  for (const { start, width, diagonal, below } of panels) {
    const end = start + width;
    for (let i = 0; i < width; i++) {
      const known = dot(diagonal, i * width, x, start, i);
      x[start + i] = (x[start + i]! - known) / diagonal[i * (width + 1)]!;
    }
    const known = multiply(below, size - end, width, x.subarray(start, end));
    for (let i = end; i < size; i++) x[i]! -= known[i - end]!;
  }
  for (const { start, width, diagonal, below } of panels.toReversed()) {
    const end = start + width;
    const known = multiplyTransposed(below, size - end, width, x.subarray(end));
    for (let i = width - 1; i >= 0; i--) {
      const value = (x[start + i]! - known[i]!) / diagonal[i * (width + 1)]!;
      x[start + i] = value;
      for (let j = 0; j < i; j++) x[start + j]! -= diagonal[i * width + j]! * value;
    }
  }
  return x;
};

/** L⁻¹, row-major `[size, size]`: K⁻¹ is its transpose times itself. */
export const choleskyInverse = async (
  { size, panels }: CholeskyFactor,
  addProduct: AddProduct,
  pause: Pause,
): Promise<Float64Array> => {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) out[i * (size + 1)] = 1;
  for (const { start, width, inverse, below } of panels) {
    const end = start + width;
    await pause(start, size, 'rows');
    const own = out.subarray(start * size, end * size);
    const known = own.slice();
    own.fill(0);
    await addProduct({
      ...{ c: own, a: inverse, b: known, rows: width, columns: size, depth: width },
      alpha: 1,
    });
    await addProduct({
      ...{ c: out.subarray(end * size), a: below, b: own, rows: size - end, columns: size, depth: width },
      alpha: -1,
    });
  }
  return out;
};
