import { ndarray } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import type { ParameterRange } from '@ntk-lens/kernels';
import { ChunkedRandom } from './chunked-random.js';
import type { RandomProjection } from './random-projection.js';

const CHUNK_NUMBERS = 2 ** 14;

/** Independent Gaussian entries of variance 1/k (PAPER §1), generated row by row of R^D. */
export const denseProjection = (dimension: number, seed: number): RandomProjection => {
  const deviation = 1 / Math.sqrt(dimension);
  const rows = Math.max(1, Math.floor(CHUNK_NUMBERS / dimension));
  const random = new ChunkedRandom(seed, (source) =>
    Float32Array.from({ length: rows * dimension }, () => deviation * source.standardNormal()),
  );
  /** Rows of Π, `[length, k]`. */
  const matrix = ({ key, start, length }: ParameterRange): Float32Array => {
    const result = new Float32Array(length * dimension);
    for (let row = start; row < start + length; ) {
      const [chunk, from] = [Math.floor(row / rows), row % rows];
      const count = Math.min(rows - from, start + length - row);
      const part = random.chunk(key, chunk).subarray(from * dimension, (from + count) * dimension);
      result.set(part, (row - start) * dimension);
      row += count;
    }
    return result;
  };
  return {
    name: 'dense',
    dimension,
    size: dimension,
    describe: () => '',
    constantShapes: ({ length }) => ({ matrix: [length, dimension] }),
    constants: (range) => ({ matrix: ndarray<'float32'>(matrix(range), [range.length, dimension]) }),
    down: (gradients, { matrix: pi }) => tf.matMul(gradients, pi!),
    up: (short, { matrix: pi }, { length }) =>
      tf.matMul(pi!, short.reshape([dimension, 1])).reshape([length]),
    add: (range, gradients) => {
      const pi = matrix(range);
      for (const { values, into } of gradients) {
        for (const [i, value] of values.entries()) {
          if (value === 0) continue;
          for (let k = 0; k < dimension; k++) into[k]! += value * pi[i * dimension + k]!;
        }
      }
    },
    shorten: (sums) => sums,
    lengthen: (coordinates) => coordinates,
    lengthenTensor: (coordinates) => coordinates,
    shortShapes: {},
    shortConstants: () => ({}),
  };
};
