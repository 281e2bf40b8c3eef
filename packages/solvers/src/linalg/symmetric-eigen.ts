import type { AddProduct, LongTaskOptions } from '@ntk-lens/core';
import { productFor } from './add-product.js';
import { applyBlockReflectors, type BandForm, reduceToBand } from './band.js';
import { applyVectors, type TridiagonalEigen, tridiagonalEigen } from './divide-conquer.js';
import { jacobiEigen } from './jacobi.js';
import { makePause } from './pause.js';
import { multiply, multiplyTransposed } from './products.js';
import { applyReflectors, reduceToTridiagonal, type TridiagonalForm } from './tridiagonal-form.js';

/** Options of long linear algebra. */
export interface LinearAlgebraOptions extends LongTaskOptions {
  /** Products of matrices; default: plain JavaScript. */
  readonly addProduct?: AddProduct;
}

/** K = V Λ Vᵀ. V is not written out: it is a product of reflections and of what divide and conquer leaves. */
export interface SymmetricEigen {
  readonly size: number;
  /** Ascending. */
  readonly values: Float64Array;
  /** Vᵀ X for a row-major `[size, columns]` array. */
  components(x: Float64Array, columns: number, options: LinearAlgebraOptions): Promise<Float64Array>;
  /** V X. */
  combine(x: Float64Array, columns: number, options: LinearAlgebraOptions): Promise<Float64Array>;
}

/** Up to this size rotations take milliseconds. */
const smallSize = 48;

/** Power of two near the largest entry, 1 for zeros. Dividing by it loses nothing, and products neither over- nor underflow. */
const scaleOf = (matrix: Float64Array): number =>
  2 ** Math.floor(Math.log2(matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0))) || 1;

/** Applies a product with a vector to every column of `[size, columns]`. */
const byColumns =
  (size: number, product: (x: Float64Array) => Float64Array) =>
  async (x: Float64Array, columns: number): Promise<Float64Array> => {
    const result = new Float64Array(size * columns);
    for (let j = 0; j < columns; j++) {
      const column = product(Float64Array.from({ length: size }, (_, i) => x[i * columns + j]!));
      for (let i = 0; i < size; i++) result[i * columns + j] = column[i]!;
    }
    return result;
  };

const smallEigen = (matrix: Float64Array, size: number): SymmetricEigen => {
  const { values, vectors } = jacobiEigen(matrix, size);
  return {
    ...{ size, values },
    components: byColumns(size, (x) => multiply(vectors, size, size, x)),
    combine: byColumns(size, (x) => multiplyTransposed(vectors, size, size, x)),
  };
};

/** V = Q₁ Q₂ S: the reflections to a band, those to three diagonals, and the eigenvectors of these. */
const largeEigen = (
  band: BandForm,
  tridiagonal: TridiagonalForm,
  { values, factors }: TridiagonalEigen,
): SymmetricEigen => {
  const { size } = band;
  const apply = async (
    given: Float64Array,
    columns: number,
    isTransposed: boolean,
    options: LinearAlgebraOptions,
  ): Promise<Float64Array> => {
    const x = given.slice();
    const add = productFor(Math.min(size, 12 * columns), options.addProduct);
    const pause = makePause(options, 'eigenvectors of kernel');
    const steps = [
      () => applyBlockReflectors(band, x, columns, isTransposed, add, pause),
      () => applyReflectors(tridiagonal, x, columns, isTransposed, pause),
      () => applyVectors(factors, x, columns, isTransposed, add, pause),
    ];
    for (const step of isTransposed ? steps : steps.reverse()) await step();
    return x;
  };
  return {
    ...{ size, values },
    components: (x, columns, options) => apply(x, columns, true, options),
    combine: (x, columns, options) => apply(x, columns, false, options),
  };
};

/**
 * Decomposes a symmetric matrix: a small one by rotations; else it is reduced to a band, which is products, then to three
 * diagonals, whose eigenvectors divide and conquer finds (docs/decisions/0005).
 *
 * @param matrix row-major `[size, size]`, symmetric; not changed
 */
export const decomposeSymmetric = async (
  matrix: Float64Array,
  size: number,
  options: LinearAlgebraOptions = {},
): Promise<SymmetricEigen> => {
  const scale = scaleOf(matrix);
  const scaled = matrix.map((x) => x / scale);
  const inUnits = (eigen: SymmetricEigen): SymmetricEigen => ({
    ...eigen,
    values: eigen.values.map((value) => value * scale),
  });
  if (size <= smallSize) return inUnits(smallEigen(scaled, size));
  const pauseFor = (what: string) => makePause(options, what);
  const add = productFor(size, options.addProduct);
  const band = await reduceToBand(scaled, size, add, pauseFor('reduce kernel to a band'));
  const tridiagonal = await reduceToTridiagonal(band, pauseFor('tridiagonalize kernel'));
  const { diagonal, offDiagonal } = tridiagonal;
  const eigen = await tridiagonalEigen(diagonal, offDiagonal, pauseFor('eigenvalues of kernel'));
  return inUnits(largeEigen(band, tridiagonal, eigen));
};

/** V φ(Λ) Vᵀ x: φ is given each component of x along an eigenvector, with its eigenvalue. */
export const throughSpectrum = async (
  { values, components, combine }: SymmetricEigen,
  x: Float64Array,
  phi: (component: number, value: number) => number,
  options: LinearAlgebraOptions,
): Promise<Float64Array> => {
  const along = await components(x, 1, options);
  return combine(
    along.map((component, k) => phi(component, values[k]!)),
    1,
    options,
  );
};

/** The eigenvectors as the rows of a `[size, size]` array. */
export const eigenvectorsOf = (
  { size, components }: SymmetricEigen,
  options: LinearAlgebraOptions,
): Promise<Float64Array> => {
  const identity = new Float64Array(size * size);
  for (let i = 0; i < size; i++) identity[i * (size + 1)] = 1;
  return components(identity, size, options);
};
