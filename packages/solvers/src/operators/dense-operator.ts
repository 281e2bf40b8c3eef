import { type LinearOperator, linearOperator, type NDArray, zeros } from '@ntk-lens/core';

/**
 * A matrix in memory as an operator, so that iterations run on kernels that are there as on those that are not.
 *
 * @example
 * ```ts
 * const operator = denseOperator(ndarray(Float64Array.of(2, 1, 1, 2), [2, 2]));
 * await operator.matvec(Float64Array.of(1, 0)); // [2, 1]
 * ```
 * @param matrix `[rows, columns]`; its numbers must not change
 */
export const denseOperator = ({ data, shape }: NDArray<'float64'>): LinearOperator => {
  const [rows, columns] = shape as [number, number];
  return linearOperator(
    [rows, columns],
    async (x) => {
      const k = x.shape[1]!;
      const y = zeros('float64', [rows, k]);
      for (let i = 0; i < rows; i++) {
        for (let p = 0; p < columns; p++) addRow(y.data, i * k, data[i * columns + p]!, x.data, p * k, k);
      }
      return y;
    },
    async (y) => {
      const k = y.shape[1]!;
      const x = zeros('float64', [columns, k]);
      for (let i = 0; i < rows; i++) {
        for (let p = 0; p < columns; p++) addRow(x.data, p * k, data[i * columns + p]!, y.data, i * k, k);
      }
      return x;
    },
  );
};

/** to[at …] += a · from[start …], k numbers. */
const addRow = (
  to: Float64Array,
  at: number,
  a: number,
  from: Float64Array,
  start: number,
  k: number,
): void => {
  for (let j = 0; j < k; j++) to[at + j]! += a * from[start + j]!;
};
