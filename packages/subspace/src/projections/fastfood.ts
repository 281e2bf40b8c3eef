import { ndarray } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import type { ParameterRange } from '@ntk-lens/kernels';
import { randomOf } from '../spaces/random-values.js';
import { ChunkedRandom } from './chunked-random.js';
import { hadamardInPlace, hadamardRows, powerOfTwo } from './hadamard.js';
import type { RandomProjection } from './random-projection.js';

const CHUNK_NUMBERS = 2 ** 14;

/** Signs and Gaussian factors of consecutive coordinates. */
interface Diagonals {
  readonly signs: Float32Array;
  readonly gauss: Float32Array;
}

/**
 * Fastfood (Le, Sarlós and Smola 2013): every parameter is cut into blocks of L coordinates, L the power of two
 * that holds k, and block j of Π is c · Dⱼ H Gⱼ P H B with the Hadamard matrix H, random signs B and Dⱼ, a random
 * permutation P, Gaussian diagonals Gⱼ and c = 1/√(kL). Dⱼ and Gⱼ are each block's own, generated when needed;
 * B and P only mix the coordinates and are shared. Time O(D log k), and Π is never stored.
 */
export const fastfoodProjection = (dimension: number, seed: number): RandomProjection => {
  const size = powerOfTwo(dimension);
  const chunk = Math.max(size, CHUNK_NUMBERS);
  const scale = 1 / Math.sqrt(dimension * size);
  const source = randomOf(seed, 'fastfood');
  const permutation = source.permutation(size);
  const mixing = Float64Array.from({ length: size }, () => (source.interval(1) === 0 ? 1 : -1));
  const random = new ChunkedRandom<Diagonals>(seed, (numbers) => ({
    signs: Float32Array.from({ length: chunk }, () => (numbers.uint32() & 0x80000000 ? 1 : -1)),
    gauss: Float32Array.from({ length: chunk }, () => numbers.standardNormal()),
  }));

  /** The blocks that a range touches: their first coordinate, their number, and the range's place in them. */
  const blocksOf = ({ start, length }: ParameterRange) => {
    const offset = start % size;
    return { first: start - offset, blocks: Math.ceil((offset + length) / size), offset };
  };
  const diagonals = (range: ParameterRange): Diagonals => {
    const { first, blocks } = blocksOf(range);
    const [signs, gauss] = [new Float32Array(blocks * size), new Float32Array(blocks * size)];
    for (let at = 0; at < blocks * size; ) {
      const place = (first + at) % chunk;
      const part = random.chunk(range.key, Math.floor((first + at) / chunk));
      const count = Math.min(chunk - place, blocks * size - at);
      signs.set(part.signs.subarray(place, place + count), at);
      gauss.set(part.gauss.subarray(place, place + count), at);
      at += count;
    }
    return { signs, gauss };
  };
  const shapesOf = (range: ParameterRange) => {
    const shape = [blocksOf(range).blocks, size];
    return { signs: shape, gauss: shape };
  };
  return {
    name: 'fastfood',
    dimension,
    size,
    describe: (range) => `${blocksOf(range).offset}`,
    constantShapes: shapesOf,
    constants: (range) => {
      const { signs, gauss } = diagonals(range);
      const shape = shapesOf(range).signs;
      return { signs: ndarray<'float32'>(signs, shape), gauss: ndarray<'float32'>(gauss, shape) };
    },
    down: (gradients, { signs, gauss }, range) => {
      const { blocks, offset } = blocksOf(range);
      const m = gradients.shape[0]!;
      const padded = tf.pad(gradients as tf.Tensor2D, [
        [0, 0],
        [offset, blocks * size - offset - range.length],
      ]);
      const mixed = hadamardRows(
        padded
          .reshape([m, blocks, size])
          .mul(signs!)
          .reshape([m * blocks, size]),
      );
      return mixed.reshape([m, blocks, size]).mul(gauss!).sum(1);
    },
    up: (short, { signs, gauss }, range) => {
      const { blocks, offset } = blocksOf(range);
      const values = hadamardRows(gauss!.mul(short.reshape([1, size]))).mul(signs!);
      return tf.slice(values.reshape([blocks * size]), [offset], [range.length]);
    },
    add: (range, gradients) => {
      const { blocks, offset } = blocksOf(range);
      const { signs, gauss } = diagonals(range);
      const block = new Float64Array(size);
      for (const { values, into } of gradients) {
        for (let j = 0; j < blocks; j++) {
          block.fill(0);
          const from = Math.max(0, j * size - offset);
          const to = Math.min(values.length, (j + 1) * size - offset);
          for (let i = from; i < to; i++) block[i + offset - j * size] = values[i]! * signs[i + offset]!;
          hadamardInPlace(block);
          for (let l = 0; l < size; l++) into[l]! += gauss[j * size + l]! * block[l]!;
        }
      }
    },
    shorten: (sums) => {
      const x = new Float64Array(size);
      for (const [i, place] of permutation.entries()) x[place] = scale * sums[i]!;
      hadamardInPlace(x);
      return x.subarray(0, dimension).map((value, i) => value * mixing[i]!);
    },
    lengthen: (coordinates) => {
      const x = new Float64Array(size);
      for (const [i, value] of coordinates.entries()) x[i] = value * mixing[i]!;
      hadamardInPlace(x);
      return Float64Array.from(permutation, (place) => scale * x[place]!);
    },
    lengthenTensor: (coordinates, { mixing: signs, permutation: places }) => {
      const padded = tf.pad(coordinates as tf.Tensor1D, [[0, size - dimension]]);
      const mixed = hadamardRows(padded.mul(signs!).reshape([1, size])).reshape([size]);
      // Places are stored as float32, exact below 2²⁴.
      return tf.gather(mixed, places!.toInt()).mul(scale);
    },
    shortShapes: { mixing: [size], permutation: [size] },
    shortConstants: () => ({
      mixing: ndarray<'float32'>(Float32Array.from(mixing), [size]),
      permutation: ndarray<'float32'>(Float32Array.from(permutation), [size]),
    }),
  };
};
