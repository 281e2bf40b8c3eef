import * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';

beforeAll(() => tf.setBackend('cpu'));

test('each segment is the sum of its rows in order; rows of no segment are left out', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: -1, max: 4 }), fc.float({ noNaN: true })), {
    minLength: 1,
  });
  fc.assert(
    fc.property(rows, (list) => {
      const found = tf.tidy(() => {
        const x = tf.tensor2d(list.map(([, value]) => [value, 2 * value]));
        const ids = tf.tensor1d(
          list.map(([id]) => id),
          'int32',
        );
        return tf.unsortedSegmentSum(x, ids, 4).arraySync();
      });
      const sumOf = (segment: number, factor: number): number =>
        Math.fround(
          list.reduce((sum, [id, value]) => (id === segment ? sum + Math.fround(factor * value) : sum), 0),
        );
      expect(found).toEqual([0, 1, 2, 3].map((segment) => [sumOf(segment, 1), sumOf(segment, 2)]));
    }),
  );
});

test('the gradient of looking rows up is a row for every word, also of a table of many', () => {
  const gradient = tf.tidy(() => {
    const lookUp = (table: tf.Tensor) => table.gather(tf.tensor1d([3, 7, 3], 'int32')).sum() as tf.Scalar;
    return tf
      .grad(lookUp)(tf.ones([30_000, 2]))
      .sum(1)
      .arraySync() as number[];
  });
  expect([gradient[3], gradient[7], gradient.reduce((a, b) => a + b)]).toEqual([4, 2, 6]);
});
