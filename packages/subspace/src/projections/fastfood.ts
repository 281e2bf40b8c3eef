import { ndarray } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import type { ParameterRange } from '@ntk-lens/kernels';
import { randomOf } from '../spaces/random-values.js';
import { ChunkedRandom } from './chunked-random.js';
import { hadamardInPlace, hadamardRows, powerOfTwo } from './hadamard.js';
import type { RandomProjection } from './random-projection.js';

const CHUNK_NUMBERS = 2 ** 13;

/** Random signs and Gaussian factors of consecutive numbers. */
interface Diagonals {
  readonly signs: Float32Array;
  readonly gauss: Float32Array;
}

/**
 * Fastfood (Le, Sarlós and Smola 2013). With L the power of two that holds k, coordinates z become w = P H B z:
 * random signs B, the Hadamard matrix H of size L, a random permutation P. Every row of a parameter is padded to
 * blocks of b = min(L, the power of two that holds the row); block j is c · Dⱼ H Gⱼ of segment j mod L/b of w, with
 * random signs Dⱼ, Gaussian factors Gⱼ, H of size b and c = 1/√(kb). Dⱼ and Gⱼ are each block's own, generated
 * from a seed when needed; Π is never stored. Time O(D log b) and memory for one row.
 */
export const fastfoodProjection = (k: number, seed: number): RandomProjection => {
  const size = powerOfTwo(k);
  const source = randomOf(seed, 'fastfood');
  const permutation = source.permutation(size);
  const mixing = Float64Array.from({ length: size }, () => (source.interval(1) === 0 ? 1 : -1));
  /** How rows of a width are cut: block size, blocks per row, padded width, segments of w, and c. */
  const layout = (width: number) => {
    const block = Math.min(size, powerOfTwo(width));
    const perRow = Math.ceil(width / block);
    // E[(H B z)²] is what the short part makes of it: w is scaled by 1/√L there.
    return {
      block,
      perRow,
      padded: perRow * block,
      segments: size / block,
      scale: Math.sqrt(size / (k * block)),
    };
  };
  const random = new ChunkedRandom<Diagonals>(
    seed,
    (padded) => Math.max(1, Math.floor(CHUNK_NUMBERS / padded)),
    (numbers, count) => {
      const [signs, gauss] = [new Float32Array(count), new Float32Array(count)];
      for (let i = 0; i < count; i++) {
        signs[i] = numbers.uint32() & 0x80000000 ? 1 : -1;
        gauss[i] = numbers.standardNormal();
      }
      return { signs, gauss };
    },
  );
  const diagonals = (range: Omit<ParameterRange, 'parameter'>): Diagonals => {
    const { padded, scale } = layout(range.width);
    const count = range.rows * padded;
    const result = { signs: new Float32Array(count), gauss: new Float32Array(count) };
    random.forEach({ ...range, width: padded }, (chunk, from, length, at) => {
      result.signs.set(chunk.signs.subarray(from, from + length), at);
      for (let i = 0; i < length; i++) result.gauss[at + i] = scale * chunk.gauss[from + i]!;
    });
    return result;
  };
  /** Visits the blocks of a range: their first number in padded rows, in the plain row, how many, and their segment. */
  const forEachBlock = (
    { row, rows, width }: Omit<ParameterRange, 'parameter' | 'key'>,
    visit: (padded: number, plain: number, count: number, segment: number) => void,
  ) => {
    const { block, perRow, segments } = layout(width);
    for (let j = 0; j < rows * perRow; j++) {
      const [r, i] = [Math.floor(j / perRow), j % perRow];
      const count = Math.min(block, width - i * block);
      visit(j * block, r * width + i * block, count, (row * perRow + j) % segments);
    }
  };
  return {
    name: 'fastfood',
    dimension: k,
    size,
    columns: (width) => 2 * layout(width).padded + 1,
    constants: (range) => {
      const { padded, perRow, segments } = layout(range.width);
      const { signs, gauss } = diagonals(range);
      const columns = 2 * padded + 1;
      const result = new Float32Array(range.rows * columns);
      for (let r = 0; r < range.rows; r++) {
        result.set(signs.subarray(r * padded, (r + 1) * padded), r * columns);
        result.set(gauss.subarray(r * padded, (r + 1) * padded), r * columns + padded);
        result[(r + 1) * columns - 1] = ((range.row + r) * perRow) % segments;
      }
      return ndarray<'float32'>(result, [range.rows, columns]);
    },
    phase: ({ row, width }) => (row * layout(width).perRow) % layout(width).segments,
    down: (gradients, constants, { row, width }) => {
      const { block, perRow, padded, segments } = layout(width);
      const [m, rows] = [gradients.shape[0]!, constants.shape[0]!];
      const signs = tf.slice(constants, [0, 0], [rows, padded]);
      const gauss = tf.slice(constants, [0, padded], [rows, padded]);
      const values = tf.pad(gradients.reshape([m, rows, width]) as tf.Tensor3D, [
        [0, 0],
        [0, 0],
        [0, padded - width],
      ]);
      const mixed = hadamardRows(values.mul(signs).reshape([m * rows * perRow, block]));
      const blocks = mixed
        .reshape([m, rows, padded])
        .mul(gauss)
        .reshape([m, rows * perRow, block]);
      if (segments === 1) return blocks.sum(1);
      const before = (row * perRow) % segments;
      const after = -(before + rows * perRow) % segments;
      const aligned = tf.pad(blocks as tf.Tensor3D, [
        [0, 0],
        [before, after === 0 ? 0 : segments + after],
        [0, 0],
      ]);
      return aligned.reshape([m, aligned.shape[1]! / segments, size]).sum(1);
    },
    up: (short, constants, width) => {
      const { block, perRow, padded, segments } = layout(width);
      const rows = constants.shape[0]!;
      const signs = tf.slice(constants, [0, 0], [rows, padded]);
      const gauss = tf.slice(constants, [0, padded], [rows, padded]);
      let parts = short.reshape([segments, block]);
      if (segments === 1) parts = parts.tile([rows * perRow, 1]);
      else {
        // (first segment + i) mod segments; whole numbers below 2²⁴ are exact in float32.
        const first = tf.slice(constants, [0, 2 * padded], [rows, 1]);
        const next = first.add(tf.tensor2d([Array.from({ length: perRow }, (_, i) => i)], [1, perRow]));
        const place = next.sub(next.div(segments).floor().mul(segments)).reshape([rows * perRow]);
        parts = tf.gather(parts, place.toInt());
      }
      const mixed = hadamardRows(
        parts
          .reshape([rows, padded])
          .mul(gauss)
          .reshape([rows * perRow, block]),
      );
      return tf.slice(mixed.reshape([rows, padded]).mul(signs), [0, 0], [rows, width]);
    },
    add: (range, gradients) => {
      const { signs, gauss } = diagonals(range);
      const { block } = layout(range.width);
      const x = new Float64Array(block);
      for (const { values, into } of gradients) {
        forEachBlock(range, (at, plain, count, segment) => {
          x.fill(0);
          for (let i = 0; i < count; i++) x[i] = values[plain + i]! * signs[at + i]!;
          hadamardInPlace(x);
          for (let l = 0; l < block; l++) into[segment * block + l]! += gauss[at + l]! * x[l]!;
        });
      }
    },
    expand: (short, range) => {
      const { signs, gauss } = diagonals(range);
      const { block } = layout(range.width);
      const x = new Float64Array(block);
      const result = new Float32Array(range.rows * range.width);
      forEachBlock(range, (at, plain, count, segment) => {
        for (let l = 0; l < block; l++) x[l] = gauss[at + l]! * short[segment * block + l]!;
        hadamardInPlace(x);
        for (let i = 0; i < count; i++) result[plain + i] = signs[at + i]! * x[i]!;
      });
      return result;
    },
    shorten: (sums) => {
      const x = new Float64Array(size);
      for (const [i, place] of permutation.entries()) x[place] = sums[i]! / Math.sqrt(size);
      hadamardInPlace(x);
      return x.subarray(0, k).map((value, i) => value * mixing[i]!);
    },
    lengthen: (coordinates) => {
      const x = new Float64Array(size);
      for (let i = 0; i < k; i++) x[i] = coordinates[i]! * mixing[i]!;
      hadamardInPlace(x);
      return Float64Array.from(permutation, (place) => x[place]! / Math.sqrt(size));
    },
    lengthenTensor: (coordinates, constants) => {
      const [signs, places] = [0, 1].map((row) => tf.slice(constants, [row, 0], [1, size]).reshape([size]));
      const padded = tf.pad(coordinates as tf.Tensor1D, [[0, size - k]]);
      const mixed = hadamardRows(padded.mul(signs!).reshape([1, size])).reshape([size]);
      return tf.gather(mixed, places!.toInt()).div(Math.sqrt(size));
    },
    shortConstants: () => ndarray<'float32'>(Float32Array.from([...mixing, ...permutation]), [2, size]),
  };
};
