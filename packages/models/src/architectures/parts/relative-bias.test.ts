import { tf } from '@ntk-lens/engine';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { bucketOf, relativeBias } from './relative-bias.js';

beforeAll(() => tf.setBackend('cpu'));

const buckets = { buckets: 32, maxDistance: 128 };

test('buckets begin at the distances at which transformers begins them', () => {
  const rowOf = (distance: number) => bucketOf(distance, buckets);
  const begins = (sign: number) =>
    Array.from({ length: 4_096 }, (_, away) => away).filter(
      (away) => away > 0 && rowOf(sign * away) !== rowOf(sign * (away - 1)),
    );
  // What torch gives in float32, for T5 and MPNet alike.
  const expected = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91];
  expect(begins(-1)).toEqual(expected);
  expect(begins(1)).toEqual(expected);
  expect([rowOf(0), rowOf(-4_096), rowOf(1), rowOf(4_096)]).toEqual([0, 15, 17, 31]);
});

test('a score has the bias of its distance, and a row the cotangents of the scores that share it', () => {
  fc.assert(
    fc.property(
      fc.record({
        n: fc.integer({ min: 1, max: 3 }),
        length: fc.integer({ min: 1, max: 40 }),
        heads: fc.integer({ min: 1, max: 3 }),
        spare: fc.integer({ min: 0, max: 2 }),
      }),
      ({ n, length, heads, spare }) =>
        tf.tidy(() => {
          const rows = tf.randomNormal([n, buckets.buckets + spare, heads], 0, 1, 'float32', 1);
          const weights = tf.randomNormal([n, heads, length, length], 0, 1, 'float32', 2);
          const [table, w] = [rows.arraySync() as number[][][], weights.arraySync() as number[][][][]];
          const expected = tf.zeros(weights.shape).arraySync() as number[][][][];
          const summed = tf.zeros(rows.shape).arraySync() as number[][][];
          for (let i = 0; i < n; i++)
            for (let h = 0; h < heads; h++)
              for (let q = 0; q < length; q++)
                for (let k = 0; k < length; k++) {
                  const row = bucketOf(k - q, buckets);
                  expected[i]![h]![q]![k] = table[i]![row]![h]!;
                  summed[i]![row]![h]! += w[i]![h]![q]![k]!;
                }
          const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => relativeBias(x, buckets, length))(
            rows,
            weights,
          );
          expect(value.arraySync()).toEqual(expected);
          for (const [i, x] of tf.tensor(summed).sub(grad).dataSync().entries())
            expect(Math.abs(x), `${i}`).toBeLessThan(1e-4);
        }),
    ),
    { numRuns: 30 },
  );
});
