import type { NDArray } from '@ntk-lens/core';

/** K `[N, C, M, C']` → `[M, C', N, C]`. */
export const transposed = ({ shape, data }: NDArray): NDArray<'float64'> => {
  const [n, c, m, d] = shape as [number, number, number, number];
  const [left, right] = [n * c, m * d];
  const turned = new Float64Array(left * right);
  for (let i = 0; i < left; i++) for (let j = 0; j < right; j++) turned[j * left + i] = data[i * right + j]!;
  return { dtype: 'float64', shape: [m, d, n, c], data: turned };
};

/** The block of `rows` × `columns` examples and the first `outputs` outputs of a kernel `[N, C, M, C]`. */
export const kernelBlock = (
  { shape, data }: NDArray,
  rows: readonly number[],
  columns: readonly number[],
  outputs = shape[1]!,
): NDArray<'float64'> => {
  const [, c, m, d] = shape as [number, number, number, number];
  const block: number[] = [];
  for (const i of rows)
    for (let k = 0; k < outputs; k++)
      for (const j of columns)
        for (let l = 0; l < outputs; l++) block.push(data[((i * c + k) * m + j) * d + l]!);
  return {
    dtype: 'float64',
    shape: [rows.length, outputs, columns.length, outputs],
    data: Float64Array.from(block),
  };
};

/** Sum of equally shaped arrays. */
export const sum = (arrays: readonly NDArray[]): NDArray<'float64'> => {
  const data = new Float64Array(arrays[0]!.data.length);
  for (const array of arrays) for (const [i, value] of array.data.entries()) data[i]! += value;
  return { dtype: 'float64', shape: arrays[0]!.shape, data };
};

/**
 * True when K `[N, C, N, C]` + shift · (mean of its diagonal) · I has a Cholesky factor, so that no eigenvalue
 * of K is below −shift times that mean.
 */
export const isPositiveSemiDefinite = ({ shape, data }: NDArray, shift: number): boolean => {
  const size = shape[0]! * shape[1]!;
  let trace = 0;
  for (let i = 0; i < size; i++) trace += data[i * size + i]!;
  const factor = Float64Array.from(data);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let value = factor[i * size + j]! + (i === j ? (shift * trace) / size : 0);
      for (let k = 0; k < j; k++) value -= factor[i * size + k]! * factor[j * size + k]!;
      if (i === j && !(value > 0)) return false;
      factor[i * size + j] = i === j ? Math.sqrt(value) : value / factor[j * size + j]!;
    }
  }
  return true;
};
