import type { AddProduct } from '@ntk-lens/core';
import { gemm, window } from './gemm.js';
import { transpose } from './products.js';

/** Products in plain JavaScript, on the thread of the caller; where no others are handed in. */
export const plainProduct: AddProduct = async (product) => {
  const { c, a, b, rows, columns, depth, alpha, transposeB = false } = product;
  const right = transposeB ? b : transpose(b, depth, columns);
  gemm(window(c, columns), window(a, depth), window(right, depth), rows, columns, depth, alpha);
};

/** Those which are handed in for matrices of at least so many rows: a call of them costs more than a small product. */
const worthwhile = 384;

/** The products for a matrix of so many rows. */
export const productFor = (rows: number, given: AddProduct | undefined): AddProduct =>
  given && rows >= worthwhile ? given : plainProduct;

/** A Aᵀ of a row-major `[rows, depth]` array. */
export const gramMatrix = async (
  a: Float64Array,
  rows: number,
  depth: number,
  addProduct: AddProduct,
): Promise<Float64Array> => {
  const c = new Float64Array(rows * rows);
  await addProduct({ c, a, b: a, rows, columns: rows, depth, alpha: 1, transposeB: true });
  return c;
};
