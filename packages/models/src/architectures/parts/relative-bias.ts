import { tf } from '@ntk-lens/engine';
import { type EmbeddingSite, embeddingSite } from '../../sites/embedding.js';

/** Buckets of distances between tokens that share the rows of a table of score biases (Raffel et al. 2020). */
export interface Buckets {
  /** Rows for both directions together. */
  readonly buckets: number;
  /** Distances from this one on share the last row of their direction. */
  readonly maxDistance: number;
}

/**
 * The row for the score of a query with a key that lies `distance` tokens behind it. A quarter of the rows
 * are for the nearest keys on one side, a quarter for ranges of distance that grow geometrically, and the
 * other half for the other side.
 *
 * @param distance position of the key less that of the query
 */
export const bucketOf = (distance: number, { buckets, maxDistance }: Buckets): number => {
  const half = Math.floor(buckets / 2);
  const exact = Math.floor(half / 2);
  const away = Math.abs(distance);
  // Logarithms to base 2 are exact where a range begins at a power of 2.
  const range = (Math.log2(away / exact) / Math.log2(maxDistance / exact)) * (half - exact);
  const row = away < exact ? away : Math.min(exact + Math.floor(range), half - 1);
  return distance > 0 ? half + row : row;
};

/** A table of score biases, `[rows, heads]`. Every example uses all rows: a row's cotangent sums over pairs of tokens. */
export const relativeBiasSite = (name: string, table: string, rows: number, heads: number): EmbeddingSite =>
  embeddingSite(name, 'rows', { name: table, shape: [rows, heads] });

/**
 * Score biases `[n, heads, T, T]` from the rows of a table: query q and key k have that of the bucket of k −
 * q.
 *
 * Only 2T − 1 distances occur. Take a cycle of 2T numbers: r(d) for d = 0 … T − 1, one that does not occur,
 * and d = −(T − 1) … −1. Repeat it T times in a row and cut it into rows of 2T − 1 numbers: then r(k − q) is
 * at (q, k).
 *
 * @param rows `[n, rows, heads]`
 * @param length T
 */
export const relativeBias = (rows: tf.Tensor, buckets: Buckets, length: number): tf.Tensor => {
  const [n, count, heads] = rows.shape as [number, number, number];
  const cycle = 2 * length;
  const numbers = Int32Array.from({ length: cycle }, (_, d) => bucketOf(d < length ? d : d - cycle, buckets));
  const chosen = tf.oneHot(tf.tensor1d(numbers, 'int32'), count).toFloat() as tf.Tensor2D;
  const byHead = rows.transpose([0, 2, 1]).reshape([n * heads, count]) as tf.Tensor2D;
  const byDistance = tf.matMul(byHead, chosen, false, true).reshape([n, heads, 1, cycle]);
  const repeated = byDistance.mul(tf.ones([length, 1])).reshape([n, heads, length * cycle]);
  return repeated
    .slice([0, 0, 0], [n, heads, length * (cycle - 1)])
    .reshape([n, heads, length, cycle - 1])
    .slice([0, 0, 0, 0], [n, heads, length, length]);
};
