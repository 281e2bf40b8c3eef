import type { AddProduct } from '@ntk-lens/core';
import type { Pause } from './pause.js';
import { dot } from './products.js';

const panel = 64;

/** P A = L U, L with a unit diagonal, and which row of A each row of P A was. */
export interface LuFactors {
  readonly order: Int32Array;
  /** L below the diagonal and U from it on, in panels of {@link panel} columns: row-major `[size, width]`. */
  readonly panels: readonly Float64Array[];
}

const widthOf = (size: number, p: number): number => Math.min(panel, size - p * panel);

const panelsOf = (a: Float64Array, size: number): Float64Array[] =>
  Array.from({ length: Math.ceil(size / panel) }, (_, p) => {
    const width = widthOf(size, p);
    const out = new Float64Array(size * width);
    for (let i = 0; i < size; i++) {
      const from = i * size + p * panel;
      out.set(a.subarray(from, from + width), i * width);
    }
    return out;
  });

const swapRows = (a: Float64Array, width: number, i: number, j: number): void => {
  for (let c = 0; c < width; c++) {
    const kept = a[i * width + c]!;
    a[i * width + c] = a[j * width + c]!;
    a[j * width + c] = kept;
  }
};

/** Factors a panel below row `start`; returns the row that each pivot was taken from, undefined when a column is zero. */
const factorPanel = (a: Float64Array, size: number, start: number): readonly number[] | undefined => {
  const width = a.length / size;
  const pivots: number[] = [];
  for (let j = 0; j < width; j++) {
    const row = start + j;
    let best = row;
    for (let i = row + 1; i < size; i++) {
      if (Math.abs(a[i * width + j]!) > Math.abs(a[best * width + j]!)) best = i;
    }
    const pivot = a[best * width + j]!;
    if (pivot === 0) return undefined;
    pivots.push(best);
    if (best !== row) swapRows(a, width, row, best);
    for (let i = row + 1; i < size; i++) {
      const factor = a[i * width + j]! / pivot;
      a[i * width + j] = factor;
      if (factor === 0) continue;
      for (let c = j + 1; c < width; c++) a[i * width + c]! -= factor * a[row * width + c]!;
    }
  }
  return pivots;
};

/** L⁻¹ X in place of X, for the unit lower triangle at the top of a panel and as many rows of another. */
const solveUnit = (l: Float64Array, width: number, x: Float64Array, columns: number): void => {
  for (let i = 1; i < width; i++) {
    for (let k = 0; k < i; k++) {
      const factor = l[i * width + k]!;
      for (let c = 0; c < columns; c++) x[i * columns + c]! -= factor * x[k * columns + c]!;
    }
  }
};

/**
 * LU factors of a square matrix: partial pivoting, blocked and right-looking, so that almost all of it is matrix products.
 *
 * @param a row-major `[size, size]`; not changed
 * @returns undefined when a pivot is exactly zero
 */
export const luOf = async (
  a: Float64Array,
  size: number,
  addProduct: AddProduct,
  pause: Pause,
): Promise<LuFactors | undefined> => {
  const order = Int32Array.from({ length: size }, (_, i) => i);
  const panels = panelsOf(a, size);
  for (const [p, current] of panels.entries()) {
    const start = p * panel;
    await pause(start, size, 'rows');
    const pivots = factorPanel(current, size, start);
    if (!pivots) return undefined;
    const width = pivots.length;
    const end = start + width;
    for (const [q, other] of panels.entries()) {
      const columns = widthOf(size, q);
      for (const [j, row] of pivots.entries()) {
        if (row === start + j) continue;
        if (q === p) [order[start + j], order[row]] = [order[row]!, order[start + j]!];
        else swapRows(other, columns, start + j, row);
      }
      if (q <= p) continue;
      const top = other.subarray(start * columns, end * columns);
      solveUnit(current.subarray(start * width), width, top, columns);
      await addProduct({
        ...{ c: other.subarray(end * columns), a: current.subarray(end * width), b: top },
        ...{ rows: size - end, columns, depth: width, alpha: -1 },
      });
      await pause(start, size, 'rows');
    }
  }
  return { order, panels };
};

/** Solves A x = b. */
export const luSolve = ({ order, panels }: LuFactors, right: Float64Array): Float64Array => {
  const size = order.length;
  const x = Float64Array.from(order, (row) => right[row]!);
  for (const [p, a] of panels.entries()) {
    const start = p * panel;
    const width = widthOf(size, p);
    for (let i = start + 1; i < size; i++) {
      x[i]! -= dot(a, i * width, x, start, Math.min(width, i - start));
    }
  }
  for (let p = panels.length - 1; p >= 0; p--) {
    const a = panels[p]!;
    const start = p * panel;
    const width = widthOf(size, p);
    for (let i = start + width - 1; i >= 0; i--) {
      const from = Math.max(0, i - start + 1);
      x[i]! -= dot(a, i * width + from, x, start + from, width - from);
      if (i >= start) x[i]! /= a[i * width + i - start]!;
    }
  }
  return x;
};
