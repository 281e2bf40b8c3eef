/** Sum of products of two runs of `count` numbers. */
export const dot = (
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  count: number,
): number => {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const end = count - (count % 4);
  for (let i = 0; i < end; i += 4) {
    s0 += a[aStart + i]! * b[bStart + i]!;
    s1 += a[aStart + i + 1]! * b[bStart + i + 1]!;
    s2 += a[aStart + i + 2]! * b[bStart + i + 2]!;
    s3 += a[aStart + i + 3]! * b[bStart + i + 3]!;
  }
  for (let i = end; i < count; i++) s0 += a[aStart + i]! * b[bStart + i]!;
  return s0 + s1 + (s2 + s3);
};

/** `A x` for a row-major `[rows, columns]` matrix. */
export const multiply = (a: Float64Array, rows: number, columns: number, x: Float64Array): Float64Array => {
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) y[i] = dot(a, i * columns, x, 0, columns);
  return y;
};

/** `A x` for a symmetric row-major `[size, size]` matrix, of which only the lower triangle is read, four rows at a time. */
export const multiplySymmetric = (a: Float64Array, size: number, x: Float64Array): Float64Array => {
  const y = new Float64Array(size);
  const full = size - (size % 4);
  for (let i = 0; i < full; i += 4) {
    const x0 = x[i]!;
    const x1 = x[i + 1]!;
    const x2 = x[i + 2]!;
    const x3 = x[i + 3]!;
    const r0 = i * size;
    const r1 = r0 + size;
    const r2 = r1 + size;
    const r3 = r2 + size;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0; j < i; j++) {
      const value = x[j]!;
      const a0 = a[r0 + j]!;
      const a1 = a[r1 + j]!;
      const a2 = a[r2 + j]!;
      const a3 = a[r3 + j]!;
      s0 += a0 * value;
      s1 += a1 * value;
      s2 += a2 * value;
      s3 += a3 * value;
      y[j]! += a0 * x0 + a1 * x1 + (a2 * x2 + a3 * x3);
    }
    y[i]! += s0;
    y[i + 1]! += s1;
    y[i + 2]! += s2;
    y[i + 3]! += s3;
  }
  // The squares on the diagonal, and the rows that are left.
  for (let i = 0; i < size; i++) {
    const from = i < full ? i - (i % 4) : 0;
    for (let j = from; j < i; j++) {
      y[i]! += a[i * size + j]! * x[j]!;
      y[j]! += a[i * size + j]! * x[i]!;
    }
    y[i]! += a[i * (size + 1)]! * x[i]!;
  }
  return y;
};

/** `Aᵀ x` for a row-major `[rows, columns]` matrix, read in the order it is stored, four rows at a time. */
export const multiplyTransposed = (
  a: Float64Array,
  rows: number,
  columns: number,
  x: Float64Array,
): Float64Array => {
  const y = new Float64Array(columns);
  const full = rows - (rows % 4);
  for (let i = 0; i < full; i += 4) {
    const x0 = x[i]!;
    const x1 = x[i + 1]!;
    const x2 = x[i + 2]!;
    const x3 = x[i + 3]!;
    if (x0 === 0 && x1 === 0 && x2 === 0 && x3 === 0) continue;
    const r0 = i * columns;
    const r1 = r0 + columns;
    const r2 = r1 + columns;
    const r3 = r2 + columns;
    for (let j = 0; j < columns; j++) {
      y[j]! += x0 * a[r0 + j]! + x1 * a[r1 + j]! + (x2 * a[r2 + j]! + x3 * a[r3 + j]!);
    }
  }
  for (let i = full; i < rows; i++) {
    const factor = x[i]!;
    for (let j = 0; j < columns; j++) y[j]! += factor * a[i * columns + j]!;
  }
  return y;
};

/** Aᵀ of a row-major `[rows, columns]` array, a tile at a time. */
export const transpose = (a: Float64Array, rows: number, columns: number): Float64Array => {
  const out = new Float64Array(rows * columns);
  const tile = 32;
  for (let i0 = 0; i0 < rows; i0 += tile) {
    for (let j0 = 0; j0 < columns; j0 += tile) {
      for (let i = i0; i < Math.min(rows, i0 + tile); i++) {
        for (let j = j0; j < Math.min(columns, j0 + tile); j++) out[j * rows + i] = a[i * columns + j]!;
      }
    }
  }
  return out;
};
