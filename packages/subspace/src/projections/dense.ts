import { ndarray, zeros } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import type { ParameterRange } from '@ntk-lens/kernels';
import { ChunkedRandom } from './chunked-random.js';
import type { RandomProjection } from './random-projection.js';

const CHUNK_NUMBERS = 2 ** 14;

/** Independent Gaussian entries of variance 1/k (docs/theory.md, Subspaces), generated as they are needed. */
export const denseProjection = (k: number, seed: number): RandomProjection => {
  const deviation = 1 / Math.sqrt(k);
  const random = new ChunkedRandom(
    seed,
    (width) => Math.max(1, Math.floor(CHUNK_NUMBERS / (width * k))),
    (source, rows, width) =>
      Float32Array.from({ length: rows * width * k }, () => deviation * source.standardNormal()),
  );
  /** Rows of Π for each number of the range: `[rows · width, k]`. */
  const matrix = (range: Omit<ParameterRange, 'parameter'>): Float32Array => {
    const result = new Float32Array(range.rows * range.width * k);
    const row = range.width * k;
    random.forEach(range, (chunk, from, count, at) =>
      result.set(chunk.subarray(from * row, (from + count) * row), at * row),
    );
    return result;
  };
  return {
    name: 'dense',
    dimension: k,
    size: k,
    columns: (width) => width * k,
    constants: (range) => ndarray<'float32'>(matrix(range), [range.rows, range.width * k]),
    down: (gradients, constants) => tf.matMul(gradients, constants.reshape([gradients.shape[1]!, k])),
    up: (short, constants, width) => {
      const rows = constants.shape[0]!;
      return tf.matMul(constants.reshape([rows * width, k]), short.reshape([k, 1])).reshape([rows, width]);
    },
    add: (range, gradients) => {
      const pi = matrix(range);
      for (const { values, into } of gradients) {
        for (const [i, value] of values.entries()) {
          if (value === 0) continue;
          for (let j = 0; j < k; j++) into[j]! += value * pi[i * k + j]!;
        }
      }
    },
    expand: (short, range) => {
      const pi = matrix(range);
      return Float32Array.from({ length: range.rows * range.width }, (_, i) => {
        let sum = 0;
        for (let j = 0; j < k; j++) sum += short[j]! * pi[i * k + j]!;
        return sum;
      });
    },
    shorten: (sums) => sums,
    lengthen: (coordinates) => Float64Array.from(coordinates),
    lengthenTensor: (coordinates) => coordinates,
    shortConstants: () => zeros('float32', [2, k]),
  };
};
