import { ndarray } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import type { ParameterRange } from '@ntk-lens/kernels';
import { ChunkedRandom } from './chunked-random.js';
import { hadamardInPlace, hadamardRows, powerOfTwo } from './hadamard.js';
import type { RandomProjection } from './random-projection.js';
import { randomOf } from './random-values.js';
import { segmentsAt, sumSegments } from './segments.js';

const CHUNK_NUMBERS = 2 ** 13;

/** Random constants of consecutive rows. */
interface Panels {
  /** Signs D of each number, scaled by c. */
  readonly outer: Float32Array;
  /** Signs S of each number. */
  readonly inner: Float32Array;
  /** The segment of w of each panel. */
  readonly segments: Float32Array;
}

type Rows = Omit<ParameterRange, 'parameter'>;

/**
 * Hashed Hadamard panels. With L the power of two that holds k, coordinates z become w = P H B z / √L: random
 * signs B, the Hadamard matrix H of size L, a random permutation P. Every row of a parameter is padded to
 * panels of b = min(L, the power of two that holds the row). A panel is c · D H S of one of the L/b segments
 * of w, chosen at random, with random signs D and S, H of size b and c = √(L/(kb)). D, S and segments are
 * each panel's own, generated from a seed when needed; Π is never stored. It takes time O(D log b) and memory
 * for one row.
 *
 * This is Fastfood (Le, Sarlós and Smola 2013) with signs for its Gaussian factors. A panel is then
 * orthogonal up to c, and gradients disturb each other only where panels share a segment, with probability
 * b/L. So entries of kernels have about the variance that a Gaussian Π gives them, (‖g‖² ‖g'‖² + ⟨g, g'⟩²)/k,
 * where the gradient is in many rows as where it is in one. Gaussian factors would leave an error of 1/√b in
 * the kernel of a single row, for any k.
 */
export const hadamardProjection = (k: number, seed: number): RandomProjection => {
  const size = powerOfTwo(k);
  const source = randomOf(seed, 'hadamard');
  const permutation = source.permutation(size);
  const mixing = Float64Array.from({ length: size }, () => (source.interval(1) === 0 ? 1 : -1));
  /** Layout of the rows of a width: panel size, panels per row, padded width, segments of w, and c. */
  const layout = (width: number) => {
    const panel = Math.min(size, powerOfTwo(width));
    const perRow = Math.ceil(width / panel);
    return {
      panel,
      perRow,
      padded: perRow * panel,
      segments: size / panel,
      scale: Math.sqrt(size / (k * panel)),
    };
  };
  const random = new ChunkedRandom<Panels>(
    seed,
    (width) => Math.max(1, Math.floor(CHUNK_NUMBERS / layout(width).padded)),
    (numbers, rows, width) => {
      const { padded, perRow, segments, scale } = layout(width);
      const count = rows * padded;
      const [outer, inner] = [new Float32Array(count), new Float32Array(count)];
      for (let i = 0; i < count; i++) {
        const bits = numbers.uint32();
        outer[i] = bits & 0x80000000 ? scale : -scale;
        inner[i] = bits & 0x40000000 ? 1 : -1;
      }
      const chosen = Float32Array.from({ length: rows * perRow }, () => numbers.interval(segments - 1));
      return { outer, inner, segments: chosen };
    },
  );
  const panelsOf = (range: Rows): Panels => {
    const { padded, perRow } = layout(range.width);
    const [numbers, panels] = [range.rows * padded, range.rows * perRow];
    const found = {
      outer: new Float32Array(numbers),
      inner: new Float32Array(numbers),
      segments: new Float32Array(panels),
    };
    random.forEach(range, (chunk, from, count, at) => {
      const part = (values: Float32Array, per: number) => values.subarray(from * per, (from + count) * per);
      found.outer.set(part(chunk.outer, padded), at * padded);
      found.inner.set(part(chunk.inner, padded), at * padded);
      found.segments.set(part(chunk.segments, perRow), at * perRow);
    });
    return found;
  };
  /** Visits the panels of a range: their first number in padded rows, in the plain row, and how many. */
  const forEachPanel = (
    { rows, width }: Pick<Rows, 'rows' | 'width'>,
    visit: (index: number, padded: number, plain: number, count: number) => void,
  ) => {
    const { panel, perRow } = layout(width);
    for (let j = 0; j < rows * perRow; j++) {
      const [r, i] = [Math.floor(j / perRow), j % perRow];
      visit(j, j * panel, r * width + i * panel, Math.min(panel, width - i * panel));
    }
  };
  /** Columns `[rows, padded]`, `[rows, padded]` and `[rows · perRow]` of constants. */
  const split = (constants: tf.Tensor, width: number) => {
    const { padded, perRow } = layout(width);
    const rows = constants.shape[0]!;
    const columns = (from: number, count: number) => tf.slice(constants, [0, from], [rows, count]);
    return {
      outer: columns(0, padded),
      inner: columns(padded, padded),
      segments: columns(2 * padded, perRow).reshape([rows * perRow]) as tf.Tensor1D,
    };
  };
  return {
    identity: `hadamard ${k}`,
    dimension: k,
    size,
    columns: (width) => 2 * layout(width).padded + layout(width).perRow,
    constants: (range) => {
      const { padded, perRow } = layout(range.width);
      const { outer, inner, segments } = panelsOf(range);
      const columns = 2 * padded + perRow;
      const result = new Float32Array(range.rows * columns);
      for (let r = 0; r < range.rows; r++) {
        result.set(outer.subarray(r * padded, (r + 1) * padded), r * columns);
        result.set(inner.subarray(r * padded, (r + 1) * padded), r * columns + padded);
        result.set(segments.subarray(r * perRow, (r + 1) * perRow), r * columns + 2 * padded);
      }
      return ndarray<'float32'>(result, [range.rows, columns]);
    },
    down: (gradients, constants, width) => {
      const { panel, perRow, padded, segments: count } = layout(width);
      const [m, rows] = [gradients.shape[0]!, constants.shape[0]!];
      const { outer, inner, segments } = split(constants, width);
      const values = tf.pad(gradients.reshape([m, rows, width]) as tf.Tensor3D, [
        [0, 0],
        [0, 0],
        [0, padded - width],
      ]);
      const mixed = hadamardRows(values.mul(outer).reshape([m * rows * perRow, panel]));
      const panels = mixed
        .reshape([m, rows, padded])
        .mul(inner)
        .reshape([m, rows * perRow, panel]);
      return sumSegments(panels as tf.Tensor3D, segments, count).reshape([m, size]);
    },
    up: (short, constants, width) => {
      const { panel, perRow, padded, segments: count } = layout(width);
      const rows = constants.shape[0]!;
      const { outer, inner, segments } = split(constants, width);
      const parts = segmentsAt(short.reshape([count, panel]) as tf.Tensor2D, segments);
      const mixed = hadamardRows(
        parts
          .reshape([rows, padded])
          .mul(inner)
          .reshape([rows * perRow, panel]),
      );
      return tf.slice(mixed.reshape([rows, padded]).mul(outer), [0, 0], [rows, width]);
    },
    add: (range, gradients) => {
      const { outer, inner, segments } = panelsOf(range);
      const { panel } = layout(range.width);
      const x = new Float64Array(panel);
      for (const { values, into } of gradients) {
        forEachPanel(range, (index, at, plain, count) => {
          x.fill(0);
          for (let i = 0; i < count; i++) x[i] = values[plain + i]! * outer[at + i]!;
          hadamardInPlace(x);
          const start = segments[index]! * panel;
          for (let l = 0; l < panel; l++) into[start + l]! += inner[at + l]! * x[l]!;
        });
      }
    },
    expand: (short, range) => {
      const { outer, inner, segments } = panelsOf(range);
      const { panel } = layout(range.width);
      const x = new Float64Array(panel);
      const result = new Float32Array(range.rows * range.width);
      forEachPanel(range, (index, at, plain, count) => {
        const start = segments[index]! * panel;
        for (let l = 0; l < panel; l++) x[l] = inner[at + l]! * short[start + l]!;
        hadamardInPlace(x);
        for (let i = 0; i < count; i++) result[plain + i] = outer[at + i]! * x[i]!;
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
