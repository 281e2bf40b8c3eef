import { type BandForm, bandwidth } from './band.js';
import type { Pause } from './pause.js';
import { reflector } from './reflector.js';

/** B = Q T Qᵀ: the diagonals of T, and Q as Householder vectors. */
export interface TridiagonalForm {
  readonly size: number;
  readonly diagonal: Float64Array;
  /** Entry i couples i and i + 1. */
  readonly offDiagonal: Float64Array;
  /**
   * Row j holds the vectors that column j of B cost, one after another. Each has {@link bandwidth} entries, the last one
   * those that are left; together they cover the rows of B from j + 1 on.
   */
  readonly vectors: readonly Float64Array[];
  /** Row j holds τ of each. */
  readonly taus: readonly Float64Array[];
}

const ld = 2 * bandwidth;

/** D ← (I − τ v vᵀ) D (I − τ v vᵀ) for the diagonal block of `count` rows from `start` on, its lower triangle alone. */
const reflectDiagonal = (
  band: Float64Array,
  start: number,
  count: number,
  v: Float64Array,
  at: number,
  tau: number,
  w: Float64Array,
): void => {
  w.fill(0, 0, count);
  for (let c = 0; c < count; c++) {
    const column = (start + c) * ld - c;
    const vc = v[at + c]!;
    let sum = band[column + c]! * vc;
    for (let i = c + 1; i < count; i++) {
      const entry = band[column + i]!;
      sum += entry * v[at + i]!;
      w[i]! += entry * vc;
    }
    w[c]! += sum;
  }
  let overlap = 0;
  for (let i = 0; i < count; i++) {
    w[i]! *= tau;
    overlap += w[i]! * v[at + i]!;
  }
  const half = (tau * overlap) / 2;
  for (let i = 0; i < count; i++) w[i]! -= half * v[at + i]!;
  for (let c = 0; c < count; c++) {
    const column = (start + c) * ld - c;
    const vc = v[at + c]!;
    const wc = w[c]!;
    for (let i = c; i < count; i++) band[column + i]! -= v[at + i]! * wc + w[i]! * vc;
  }
};

/**
 * Takes a reflection of the `width` rows from `start` on to the `count` rows below, O ← O (I − τ v vᵀ). Then it reflects
 * those, so that the first column of O becomes a multiple of e₀.
 *
 * @param s room for `count` numbers
 * @returns τ of the new vector, which stands behind v
 */
const reflectBelow = (
  band: Float64Array,
  start: number,
  width: number,
  count: number,
  v: Float64Array,
  at: number,
  tau: number,
  s: Float64Array,
): number => {
  s.fill(0, 0, count);
  for (let c = 0; c < width; c++) {
    const column = (start + c) * ld + width - c;
    const factor = tau * v[at + c]!;
    for (let i = 0; i < count; i++) s[i]! += factor * band[column + i]!;
  }
  const next = at + width;
  const first = start * ld + width;
  for (let i = 0; i < count; i++) v[next + i] = band[first + i]! - s[i]! * v[at]!;
  const [tauNext, beta] = reflector(v, next, count);
  band[first] = beta;
  band.fill(0, first + 1, first + count);
  for (let c = 1; c < width; c++) {
    const column = (start + c) * ld + width - c;
    const vc = v[at + c]!;
    let overlap = 0;
    for (let i = 0; i < count; i++) {
      const entry = band[column + i]! - s[i]! * vc;
      band[column + i] = entry;
      overlap += entry * v[next + i]!;
    }
    const factor = tauNext * overlap;
    for (let i = 0; i < count; i++) band[column + i]! -= factor * v[next + i]!;
  }
  return tauNext;
};

/**
 * Reduces a band to three diagonals: for each column a reflection, and those that chase what it fills in down the band
 * (Lang 1993). The band is overwritten.
 */
export const reduceToTridiagonal = async (
  { size, band }: BandForm,
  pause: Pause,
): Promise<TridiagonalForm> => {
  const vectors: Float64Array[] = [];
  const taus: Float64Array[] = [];
  const work = new Float64Array(bandwidth);
  for (let j = 0; j < size - 2; j++) {
    if (j % 16 === 0) await pause(j, size, 'rows');
    const length = size - 1 - j;
    const v = new Float64Array(length);
    const tau = new Float64Array(Math.ceil(length / bandwidth));
    let count = Math.min(bandwidth, length);
    const first = j * ld + 1;
    v.set(band.subarray(first, first + count));
    const [firstTau, beta] = reflector(v, 0, count);
    tau[0] = firstTau;
    band[first] = beta;
    band.fill(0, first + 1, first + count);
    for (let at = 0, step = 0; ; step++) {
      reflectDiagonal(band, j + 1 + at, count, v, at, tau[step]!, work);
      const below = Math.min(bandwidth, length - at - count);
      if (below <= 0) break;
      tau[step + 1] = reflectBelow(band, j + 1 + at, count, below, v, at, tau[step]!, work);
      at += count;
      count = below;
    }
    vectors.push(v);
    taus.push(tau);
  }
  return {
    size,
    diagonal: Float64Array.from({ length: size }, (_, j) => band[j * ld]!),
    offDiagonal: Float64Array.from({ length: Math.max(0, size - 1) }, (_, j) => band[j * ld + 1]!),
    ...{ vectors, taus },
  };
};

/** X ← (I − τ v vᵀ) X for the `count` rows of X, row-major `[…, columns]`, from `row` on. */
const reflectRows = (
  x: Float64Array,
  columns: number,
  row: number,
  count: number,
  v: Float64Array,
  at: number,
  tau: number,
  sums: Float64Array,
): void => {
  sums.fill(0);
  for (let i = 0; i < count; i++) {
    const factor = tau * v[at + i]!;
    const from = (row + i) * columns;
    for (let c = 0; c < columns; c++) sums[c]! += factor * x[from + c]!;
  }
  for (let i = 0; i < count; i++) {
    const factor = v[at + i]!;
    const from = (row + i) * columns;
    for (let c = 0; c < columns; c++) x[from + c]! -= factor * sums[c]!;
  }
};

/** Q X, or Qᵀ X, in place of X, row-major `[size, columns]`. */
export const applyReflectors = async (
  { vectors, taus }: TridiagonalForm,
  x: Float64Array,
  columns: number,
  transposed: boolean,
  pause: Pause,
): Promise<void> => {
  const sums = new Float64Array(columns);
  for (let k = 0; k < vectors.length; k++) {
    if (k % 64 === 63) await pause(k, vectors.length, 'rows');
    const j = transposed ? k : vectors.length - 1 - k;
    const v = vectors[j]!;
    const tau = taus[j]!;
    // Those of one column touch different rows.
    for (let step = 0; step < tau.length; step++) {
      const at = step * bandwidth;
      const count = Math.min(bandwidth, v.length - at);
      reflectRows(x, columns, j + 1 + at, count, v, at, tau[step]!, sums);
    }
  }
};
