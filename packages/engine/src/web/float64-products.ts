import type { AddProduct } from '@ntk-lens/core';

/** A page has no products of float64 matrices but those in plain JavaScript. */
export const openFloat64Products = async (_threads?: number): Promise<AddProduct | undefined> => undefined;
