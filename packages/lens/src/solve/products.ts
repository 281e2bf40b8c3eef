import type { AddProduct } from '@ntk-lens/core';
import { openFloat64Products } from '@ntk-lens/engine/float64-products';
import { plainProduct } from '@ntk-lens/solvers';

const opened = new Map<number | undefined, Promise<AddProduct>>();

const productsOf = (threads: number | undefined): Promise<AddProduct> => {
  const known = opened.get(threads) ?? openFloat64Products(threads).then((fast) => fast ?? plainProduct);
  opened.set(threads, known);
  return known;
};

/** The engine's products of matrices, or those in plain JavaScript where it has none; the first one opens them. */
export const productsOn =
  (threads?: number): AddProduct =>
  async (product) =>
    (await productsOf(threads))(product);
