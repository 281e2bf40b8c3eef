import type { AddProduct } from '@ntk-lens/core';
import { plainProduct } from './add-product.js';
import type { Pause } from './pause.js';
import { dot, transpose } from './products.js';
import { reflector } from './reflector.js';

/** Diagonals below the main one that are left. More of them make larger products, and more work for what follows. */
export const bandwidth = 32;

/** Householder reflections of the rows from `start` on, as one: I − Vᵀ T V with the vectors as the rows of V. */
interface BlockReflector {
  readonly start: number;
  readonly count: number;
  /** `[count, size − start]` */
  readonly v: Float64Array;
  /** `[count, count]`, upper triangular. */
  readonly t: Float64Array;
}

/** K = Q B Qᵀ with B of {@link bandwidth} diagonals on either side, and Q the product of the reflectors in their order. */
export interface BandForm {
  readonly size: number;
  /** Entry (i, j) of the lower triangle is number `2 · bandwidth · j + i − j`; there is room for as many diagonals again. */
  readonly band: Float64Array;
  readonly reflectors: readonly BlockReflector[];
}

/** The part of a matrix that is still to be reduced: rows and columns from `origin` on. */
class Remainder {
  origin = 0;
  stride: number;

  constructor(
    readonly data: Float64Array,
    readonly size: number,
  ) {
    this.stride = size;
  }

  /** Place of an entry in the data. */
  at(i: number, j: number): number {
    return (i - this.origin) * this.stride + j - this.origin;
  }

  /** Forgets rows and columns before `start`, once they are an eighth of what is there. */
  shrink(start: number): void {
    if (8 * (start - this.origin) < this.stride) return;
    const rows = this.size - start;
    for (let i = 0; i < rows; i++) {
      const from = this.at(start + i, start);
      this.data.copyWithin(i * rows, from, from + rows);
    }
    this.origin = start;
    this.stride = rows;
  }

  /** Copies a column of the lower triangle to the band. */
  toBand(band: Float64Array, j: number, end: number): void {
    for (let i = j; i < end; i++) band[2 * bandwidth * j + i - j] = this.data[this.at(i, j)]!;
  }
}

/** QR of a panel given by its columns (the rows of `[bandwidth, rows]`), which become R and then V. */
const factorPanel = (panel: Float64Array, rows: number, start: number): BlockReflector => {
  const count = Math.min(rows - 1, bandwidth);
  const v = new Float64Array(count * rows);
  const tau = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    const column = j * rows;
    v.set(panel.subarray(column + j, column + rows), column + j);
    const [t, beta] = reflector(v, column + j, rows - j);
    tau[j] = t;
    panel[column + j] = beta;
    for (let other = j + 1; other < bandwidth; other++) {
      const at = other * rows + j;
      const factor = t * dot(v, column + j, panel, at, rows - j);
      for (let i = 0; i < rows - j; i++) panel[at + i]! -= factor * v[column + j + i]!;
    }
  }
  const t = new Float64Array(count * count);
  for (let j = 0; j < count; j++) {
    t[j * count + j] = tau[j]!;
    const overlaps = Float64Array.from({ length: j }, (_, i) =>
      dot(v, i * rows + j, v, j * rows + j, rows - j),
    );
    for (let i = 0; i < j; i++) t[i * count + j] = -tau[j]! * dot(t, i * count + i, overlaps, i, j - i);
  }
  return { start, count, v, t };
};

/** W with QᵀAQ = A − V Wᵀ − W V for a block reflector Q, all as `[rows, count]`: A V T − ½ V Tᵀ Vᵀ A V T. */
const updateOf = async (
  { count, v, t }: BlockReflector,
  columns: Float64Array,
  av: Float64Array,
  addProduct: AddProduct,
): Promise<Float64Array> => {
  const rows = columns.length / count;
  const square = { rows: count, columns: count, depth: count, alpha: 1 } as const;
  const w = new Float64Array(rows * count);
  const tall = { rows, columns: count, depth: count } as const;
  await addProduct({ c: w, a: av, b: t, ...tall, alpha: 1 });
  const inner = new Float64Array(count * count);
  await addProduct({ c: inner, a: v, b: w, ...square, depth: rows });
  const half = new Float64Array(count * count);
  await plainProduct({ c: half, a: transpose(t, count, count), b: inner, ...square });
  for (let i = 0; i < half.length; i++) half[i]! /= 2;
  await addProduct({ c: w, a: columns, b: half, ...tall, alpha: -1 });
  return w;
};

/**
 * Reduces a symmetric matrix to a band: panels of columns by QR, and what is right of them by two products per panel
 * (the first stage of Bischof, Lang and Sun 2000).
 *
 * @param matrix row-major `[size, size]`; it is overwritten
 */
export const reduceToBand = async (
  matrix: Float64Array,
  size: number,
  addProduct: AddProduct,
  pause: Pause,
): Promise<BandForm> => {
  const band = new Float64Array(size * 2 * bandwidth);
  const reflectors: BlockReflector[] = [];
  const rest = new Remainder(matrix, size);
  let from = 0;
  for (; size - from - bandwidth >= 2; from += bandwidth) {
    await pause(from, size, 'columns');
    const start = from + bandwidth;
    const rows = size - start;
    const panel = new Float64Array(bandwidth * rows);
    for (let i = 0; i < rows; i++) {
      const row = rest.at(start + i, from);
      for (let j = 0; j < bandwidth; j++) panel[j * rows + i] = matrix[row + j]!;
    }
    for (let j = 0; j < bandwidth; j++) rest.toBand(band, from + j, start);
    const block = factorPanel(panel, rows, start);
    for (let j = 0; j < bandwidth; j++) {
      for (let i = 0; i <= Math.min(j, rows - 1); i++) {
        band[2 * bandwidth * (from + j) + bandwidth + i - j] = panel[j * rows + i]!;
      }
    }
    reflectors.push(block);
    rest.shrink(start);
    const { count, v } = block;
    const { stride } = rest;
    const skipped = start - rest.origin;
    const trailing = matrix.subarray(skipped * stride, (skipped + rows) * stride);
    const padded = new Float64Array(count * stride);
    for (let j = 0; j < count; j++) padded.set(v.subarray(j * rows, (j + 1) * rows), j * stride + skipped);
    const av = new Float64Array(rows * count);
    await addProduct({
      ...{ c: av, a: trailing, b: padded, rows, columns: count, depth: stride },
      ...{ alpha: 1, transposeB: true },
    });
    const columns = transpose(v, count, rows);
    const w = await updateOf(block, columns, av, addProduct);
    const left = new Float64Array(rows * 2 * count);
    const right = new Float64Array(stride * 2 * count);
    for (let i = 0; i < rows; i++) {
      const vi = columns.subarray(i * count, (i + 1) * count);
      const wi = w.subarray(i * count, (i + 1) * count);
      left.set(vi, 2 * i * count);
      left.set(wi, (2 * i + 1) * count);
      right.set(wi, 2 * (skipped + i) * count);
      right.set(vi, (2 * (skipped + i) + 1) * count);
    }
    await addProduct({
      ...{ c: trailing, a: left, b: right, rows, columns: stride, depth: 2 * count },
      ...{ alpha: -1, transposeB: true },
    });
  }
  for (let j = from; j < size; j++) rest.toBand(band, j, size);
  return { size, band, reflectors };
};

/** Q X, or Qᵀ X, in place of X, row-major `[size, columns]`. */
export const applyBlockReflectors = async (
  { size, reflectors }: BandForm,
  x: Float64Array,
  columns: number,
  transposed: boolean,
  addProduct: AddProduct,
  pause: Pause,
): Promise<void> => {
  for (const { start, count, v, t } of transposed ? reflectors : [...reflectors].reverse()) {
    if (columns > 1) await pause();
    const rows = size - start;
    const below = x.subarray(start * columns);
    const inner = new Float64Array(count * columns);
    await addProduct({
      ...{ c: inner, a: v, b: below, rows: count, columns, depth: rows, alpha: 1 },
    });
    const mixed = new Float64Array(count * columns);
    const mix = transposed ? transpose(t, count, count) : t;
    await addProduct({
      ...{ c: mixed, a: mix, b: inner, rows: count, columns, depth: count, alpha: 1 },
    });
    await addProduct({
      ...{ c: below, a: transpose(v, count, rows), b: mixed, rows, columns, depth: count },
      alpha: -1,
    });
  }
};
