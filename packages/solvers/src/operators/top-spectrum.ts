import {
  BadArgumentError,
  columnOf,
  fromColumns,
  type LinearOperator,
  type LongTaskOptions,
  throwIfCancelled,
} from '@ntk-lens/core';
import { addScaled, combine, norm, orthonormal } from './columns.js';
import { gramOf, nystrom, principal } from './nystrom.js';

export interface TopSpectrumOptions extends LongTaskOptions {
  /** Residual of an eigenvector that counts as none, relative to the largest eigenvalue. Default: 1e-4. */
  readonly tolerance?: number;
  /** Products with the operator, at most, each with twice as many vectors as are asked for. Default: 6. */
  readonly passes?: number;
  /** Default: 0. */
  readonly seed?: number;
}

/** The largest eigenvalues of an operator with their eigenvectors. */
export interface TopSpectrum {
  /** Descending. Fewer than were asked for where the others did not converge. */
  readonly values: Float64Array;
  /** Orthonormal. */
  readonly vectors: readonly Float64Array[];
  /** ‖K v − λ v‖ of each: an eigenvalue lies within so much of its value. */
  readonly bounds: Float64Array;
}

/**
 * Finds the largest eigenvalues of a symmetric positive semidefinite operator and their eigenvectors, in few products with many
 * vectors. Rayleigh and Ritz's method works on a space that starts as a Nyström approximation and is multiplied with the operator. Choose it over
 * `topEigenvalues` where a product with many vectors costs little more than one with a single vector, as where a matrix is read
 * from a disk.
 *
 * @example
 * ```ts
 * const { values, vectors } = await topSpectrum(operator, 16);
 * ```
 * @throws BadArgumentError for a count that is no integer from 1 to the size; CancelledError
 */
export const topSpectrum = async (
  operator: LinearOperator,
  count: number,
  { tolerance = 1e-4, passes = 6, seed = 0, signal, onProgress }: TopSpectrumOptions = {},
): Promise<TopSpectrum> => {
  const [size] = operator.shape;
  if (!(Number.isInteger(count) && count >= 1 && count <= size))
    throw new BadArgumentError('count', count, `an integer from 1 to ${size}`);
  const event = { phase: 'spectrum', total: passes, unit: 'passes' };
  const rank = Math.min(size, 2 * count + 8);
  let basis: readonly Float64Array[] = (await nystrom(operator, rank, seed, { signal })).vectors;
  let found: TopSpectrum = { values: new Float64Array(0), vectors: [], bounds: new Float64Array(0) };
  for (let pass = 1; pass < passes && basis.length > 0; pass++) {
    throwIfCancelled(signal, 'The spectrum');
    onProgress?.({ ...event, done: pass });
    basis = orthonormal(basis);
    const product = await operator.matmat(fromColumns(basis), { signal });
    const images = basis.map((_, j) => columnOf(product, j));
    const pairs = await principal(gramOf(basis, images), basis.length, { signal });
    const ritz = pairs.map(({ value, weights }) => {
      const vector = combine(basis, weights, size);
      const image = combine(images, weights, size);
      const rest = image.slice();
      addScaled(rest, -value, vector);
      return { value, vector, image, bound: norm(rest) };
    });
    const floor = tolerance * Math.max(0, ritz[0]!.value);
    const top = ritz.slice(0, count);
    const firstOpen = top.findIndex(({ bound }) => bound > floor);
    const solved = firstOpen < 0 ? top : top.slice(0, firstOpen);
    found = {
      values: Float64Array.from(solved, ({ value }) => value),
      vectors: solved.map(({ vector }) => vector),
      bounds: Float64Array.from(solved, ({ bound }) => bound),
    };
    if (firstOpen < 0) break;
    basis = ritz.map(({ image }) => image);
  }
  onProgress?.({ ...event, done: passes });
  return found;
};
