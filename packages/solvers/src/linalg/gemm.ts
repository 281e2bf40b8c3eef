/** A window of a row-major array: entry (i, j) is `data[start + i·stride + j]`. */
export interface Window {
  readonly data: Float64Array;
  readonly start: number;
  readonly stride: number;
}

const depthPanel = 512;

const tile = (
  c: Window,
  ci: number,
  cj: number,
  a: Window,
  b: Window,
  from: number,
  to: number,
  alpha: number,
): void => {
  const A = a.data;
  const B = b.data;
  const a0 = a.start + ci * a.stride;
  const a1 = a0 + a.stride;
  const a2 = a1 + a.stride;
  const a3 = a2 + a.stride;
  const b0 = b.start + cj * b.stride;
  const b1 = b0 + b.stride;
  const b2 = b1 + b.stride;
  const b3 = b2 + b.stride;
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  let c30 = 0;
  let c31 = 0;
  let c32 = 0;
  let c33 = 0;
  for (let p = from; p < to; p++) {
    const x0 = A[a0 + p]!;
    const x1 = A[a1 + p]!;
    const x2 = A[a2 + p]!;
    const x3 = A[a3 + p]!;
    const y0 = B[b0 + p]!;
    const y1 = B[b1 + p]!;
    const y2 = B[b2 + p]!;
    const y3 = B[b3 + p]!;
    c00 += x0 * y0;
    c01 += x0 * y1;
    c02 += x0 * y2;
    c03 += x0 * y3;
    c10 += x1 * y0;
    c11 += x1 * y1;
    c12 += x1 * y2;
    c13 += x1 * y3;
    c20 += x2 * y0;
    c21 += x2 * y1;
    c22 += x2 * y2;
    c23 += x2 * y3;
    c30 += x3 * y0;
    c31 += x3 * y1;
    c32 += x3 * y2;
    c33 += x3 * y3;
  }
  const C = c.data;
  let at = c.start + ci * c.stride + cj;
  C[at]! += alpha * c00;
  C[at + 1]! += alpha * c01;
  C[at + 2]! += alpha * c02;
  C[at + 3]! += alpha * c03;
  at += c.stride;
  C[at]! += alpha * c10;
  C[at + 1]! += alpha * c11;
  C[at + 2]! += alpha * c12;
  C[at + 3]! += alpha * c13;
  at += c.stride;
  C[at]! += alpha * c20;
  C[at + 1]! += alpha * c21;
  C[at + 2]! += alpha * c22;
  C[at + 3]! += alpha * c23;
  at += c.stride;
  C[at]! += alpha * c30;
  C[at + 1]! += alpha * c31;
  C[at + 2]! += alpha * c32;
  C[at + 3]! += alpha * c33;
};

const single = (
  c: Window,
  ci: number,
  cj: number,
  a: Window,
  b: Window,
  from: number,
  to: number,
  alpha: number,
): void => {
  const ai = a.start + ci * a.stride;
  const bj = b.start + cj * b.stride;
  let sum = 0;
  for (let p = from; p < to; p++) sum += a.data[ai + p]! * b.data[bj + p]!;
  c.data[c.start + ci * c.stride + cj]! += alpha * sum;
};

/**
 * C ← C + α A Bᵀ, with C `[rows, columns]`, A `[rows, depth]` and B `[columns, depth]`; both inputs are read along
 * their rows. Tiles of 4 × 4 sums stay in registers.
 */
export const gemm = (
  c: Window,
  a: Window,
  b: Window,
  rows: number,
  columns: number,
  depth: number,
  alpha: number,
): void => {
  const fullRows = rows - (rows % 4);
  const fullColumns = columns - (columns % 4);
  for (let from = 0; from < depth; from += depthPanel) {
    const to = Math.min(depth, from + depthPanel);
    for (let i = 0; i < rows; i += 4) {
      const full = i < fullRows ? fullColumns : 0;
      for (let j = 0; j < full; j += 4) tile(c, i, j, a, b, from, to, alpha);
      const end = Math.min(rows, i + 4);
      for (let r = i; r < end; r++) {
        for (let j = full; j < columns; j++) single(c, r, j, a, b, from, to, alpha);
      }
    }
  }
};

/** The whole of a row-major array with rows of `stride` numbers. */
export const window = (data: Float64Array, stride: number, start = 0): Window => ({ data, start, stride });
