import {
  type AddProduct,
  BLOCK_BYTES,
  type LinearOperator,
  type LongTaskOptions,
  linearOperator,
  type NDArray,
  type RowSource,
  rowBlocks,
  throwIfCancelled,
  zeros,
} from '@ntk-lens/core';
import { productFor } from '../linalg/add-product.js';
import { transpose } from '../linalg/products.js';

export interface RowsOperatorOptions {
  /** The matrix is symmetric: a product with its transpose is one with itself. Default: false. */
  readonly symmetric?: boolean;
  /** Products of matrices. Default: in plain JavaScript. */
  readonly addProduct?: AddProduct;
  /** Bytes of rows that are in memory at once. Default: 32 MiB. */
  readonly blockBytes?: number;
}

/**
 * A matrix that is read block by block as an operator, so that iterations run on kernels that are larger than memory. Every product
 * reads the whole matrix once, with however many vectors.
 *
 * @example
 * ```ts
 * const operator = rowsOperator(await openNpyRows('runs/large/train.npy'), { symmetric: true });
 * const y = await operator.matvec(x);
 * ```
 */
export const rowsOperator = (
  source: RowSource,
  { symmetric = false, addProduct, blockBytes = BLOCK_BYTES }: RowsOperatorOptions = {},
): LinearOperator => {
  const [rows, columns] = source.shape;
  const add = productFor(rows, addProduct);
  const times = async (x: NDArray<'float64'>, { signal }: LongTaskOptions = {}) => {
    const k = x.shape[1]!;
    const y = zeros('float64', [rows, k]);
    for await (const { from, count, data } of rowBlocks(source, blockBytes)) {
      throwIfCancelled(signal, 'A product with a stored kernel');
      const c = y.data.subarray(from * k, (from + count) * k);
      await add({
        ...{ c, a: data, b: x.data, rows: count, columns: k, depth: columns, alpha: 1 },
      });
    }
    return y;
  };
  const timesTransposed = async (y: NDArray<'float64'>, { signal }: LongTaskOptions = {}) => {
    const k = y.shape[1]!;
    const sums = new Float64Array(k * columns);
    for await (const { from, count, data } of rowBlocks(source, blockBytes)) {
      throwIfCancelled(signal, 'A product with a stored kernel');
      const a = transpose(y.data.subarray(from * k, (from + count) * k), count, k);
      await add({ c: sums, a, b: data, rows: k, columns, depth: count, alpha: 1 });
    }
    return { dtype: 'float64', shape: [columns, k], data: transpose(sums, k, columns) } as const;
  };
  return linearOperator([rows, columns], times, symmetric ? times : timesTransposed);
};

/** Aᵀ of an operator. */
export const transposed = (operator: LinearOperator): LinearOperator => {
  const [rows, columns] = operator.shape;
  return linearOperator([columns, rows], operator.rmatmat, operator.matmat);
};
