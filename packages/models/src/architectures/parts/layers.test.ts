import { tf } from '@ntk-lens/engine';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { activate, causalBias, readOut } from './layers.js';

beforeAll(() => tf.setBackend('cpu'));

test('a query sees the keys that are not later, are no padding and lie in its window', () => {
  fc.assert(
    fc.property(
      fc.record({
        length: fc.integer({ min: 1, max: 9 }),
        padding: fc.nat({ max: 3 }),
        first: fc.nat({ max: 2 }),
        window: fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }),
      }),
      ({ length, padding, first, window }) =>
        tf.tidy(() => {
          const total = length + padding;
          const each = (of: (t: number) => number) =>
            tf.tensor2d(
              Array.from({ length: total }, (_, t) => of(t)),
              [1, total],
            );
          const none = tf.zeros([1, total]);
          const side = {
            ids: none,
            types: none,
            positions: each((t) => (t < length ? first + t : Math.max(0, first - 1))),
            attention: each((t) => (t < length ? 1 : 0)),
            readout: each((t) => (t === length - 1 ? 1 : 0)).reshape([1, 1, total]),
          };
          const seen = (bias: tf.Tensor) => bias.greaterEqual(0).squeeze([0, 1]);
          const all = causalBias(side, false, window);
          const found = seen(all).arraySync() as number[][];
          for (let query = 0; query < length; query++)
            for (let key = 0; key < total; key++) {
              const expected = key < length && key <= query && query - key < (window ?? total);
              expect(found[query]![key]).toBe(expected ? 1 : 0);
            }
          const row = causalBias(side, true, window).squeeze([1]);
          expect(row.arraySync()).toEqual(readOut(side, all.squeeze([1])).arraySync());
        }),
    ),
    { numRuns: 40 },
  );
});

test('the derivative of SiLU that is written out is that of automatic differentiation', () => {
  const [x, dy] = [1, 2].map((seed) => tf.randomNormal([64], 0, 4, 'float32', seed));
  const found = tf
    .grad((y: tf.Tensor) => activate('silu', y))(x!, dy!)
    .dataSync();
  const expected = tf
    .grad((y: tf.Tensor) => y.mul(y.sigmoid()))(x!, dy!)
    .dataSync();
  for (const [i, slope] of expected.entries()) expect(found[i]).toBeCloseTo(slope, 5);
});
