import type { NDArray } from '@ntk-lens/core';

/** Where work that was done is kept, so that it goes on to the same bytes: the stores of tiles of `@ntk-lens/kernels` will do. */
export interface IterationStore {
  /** Arrays that were written under a name; undefined where they are not there as a whole. */
  read(name: string): Promise<Readonly<Record<string, NDArray>> | undefined>;
  write(name: string, arrays: Readonly<Record<string, NDArray>>): Promise<void>;
}

/** A product that a store has, or one that is made, and then kept. */
export const keptProduct = async (
  store: IterationStore | undefined,
  name: string,
  make: () => Promise<NDArray<'float64'>>,
): Promise<NDArray<'float64'>> => {
  const known = await store?.read(name);
  if (known) return known['product'] as NDArray<'float64'>;
  const product = await make();
  await store?.write(name, { product });
  return product;
};
