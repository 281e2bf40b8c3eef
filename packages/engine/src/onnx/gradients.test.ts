import * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { floats, ints } from '../testing/arbitraries.js';
import { type Comparison, expectSameNumbers, openBothRuntimes } from '../testing/compare-runtimes.js';

openBothRuntimes();

const size = fc.integer({ min: 1, max: 5 });

/** Value and gradients with respect to all arguments of a scalar function. */
const withGradients =
  (names: readonly string[], f: (...xs: tf.Tensor[]) => tf.Tensor): Comparison['build'] =>
  (inputs) => {
    const { value, grads } = tf.valueAndGrads((...xs: tf.Tensor[]) => f(...xs).sum() as tf.Scalar)(
      names.map((name) => inputs[name]!),
    );
    return { value, ...Object.fromEntries(grads.map((grad, i) => [`d${names[i]}`, grad])) };
  };

const check = (name: string, cases: fc.Arbitrary<Comparison>, numRuns = 10) =>
  test(name, () => fc.assert(fc.asyncProperty(cases, expectSameNumbers), { numRuns, seed: 11 }));

describe('gradients of composed functions are the same compiled and eager', () => {
  check(
    'two dense layers with gelu and a residual connection',
    fc
      .tuple(size, size, size)
      .chain(([n, d, h]) =>
        fc.record({
          x: floats([n, d]),
          v: floats([d, h], [-1, 1]),
          c: floats([h]),
          w: floats([h, d], [-1, 1]),
        }),
      )
      .map((arrays) => ({
        arrays,
        build: withGradients(['x', 'v', 'c', 'w'], (x, v, c, w) => {
          const z = tf.matMul(x as tf.Tensor2D, v as tf.Tensor2D).add(c!);
          const gelu = z.mul(0.5).mul(tf.erf(z.div(Math.SQRT2)).add(1));
          return tf.tanh(tf.matMul(gelu as tf.Tensor2D, w as tf.Tensor2D).add(x));
        }),
        tolerance: 2e-5,
      })),
  );
  check(
    'layer normalization',
    fc
      .tuple(size, fc.integer({ min: 2, max: 6 }))
      .chain(([n, d]) => fc.record({ x: floats([n, d]), scale: floats([d]), shift: floats([d]) }))
      .map((arrays) => ({
        arrays,
        build: withGradients(['x', 'scale', 'shift'], (x, scale, shift) => {
          const centred = x.sub(x.mean(-1, true));
          const variance = centred.square().mean(-1, true);
          return centred.mul(variance.add(0.1).rsqrt()).mul(scale!).add(shift!).square();
        }),
        tolerance: 1e-4,
      })),
  );
  check(
    'masked softmax attention over embedded tokens',
    fc
      .tuple(fc.integer({ min: 1, max: 3 }), size)
      .chain(([n, t]) =>
        fc.record({
          ids: ints([n, t], [0, 5]),
          mask: ints([n, t], [0, 1]),
          table: floats([6, 4]),
          w: floats([4, 4], [-1, 1]),
        }),
      )
      .map((arrays) => ({
        arrays,
        build: (inputs) => {
          const { ids, mask } = inputs;
          const [n, t] = ids!.shape as [number, number];
          return withGradients(['table', 'w'], (table, w) => {
            const x = tf.gather(table, ids!.flatten() as tf.Tensor1D).reshape([n, t, 4]);
            const q = tf
              .matMul(x.reshape([n * t, 4]), w as tf.Tensor2D)
              .reshape([n, t, 2, 2])
              .transpose([0, 2, 1, 3]);
            const hidden = tf.sub(1, mask!.toFloat()).mul(-1e4).reshape([n, 1, 1, t]);
            const p = tf.softmax(tf.matMul(q, q, false, true).add(hidden));
            return tf.matMul(p, q).transpose([0, 2, 1, 3]).reshape([n, t, 4]).square();
          })(inputs);
        },
        tolerance: 1e-4,
      })),
  );
  check(
    'cross-entropy with log-softmax and one-hot labels',
    fc
      .tuple(size, fc.integer({ min: 2, max: 5 }))
      .chain(([n, c]) => fc.record({ labels: ints([n], [0, c - 1]), logits: floats([n, c]) }))
      .map((arrays) => ({
        arrays,
        build: (inputs) => {
          const { labels } = inputs;
          return withGradients(['logits'], (logits) =>
            tf.neg(tf.oneHot(labels!, logits.shape[1]!).toFloat().mul(tf.logSoftmax(logits))),
          )(inputs);
        },
        tolerance: 1e-5,
      })),
  );
  check(
    'concatenated, padded, sliced, stacked and split tensors',
    fc
      .tuple(size, size)
      .chain(([n, d]) => fc.record({ a: floats([n, d]), b: floats([n, d]) }))
      .map((arrays) => ({
        arrays,
        build: withGradients(['a', 'b'], (a, b) => {
          const joined = tf.concat([a, b.mul(a), b], 1);
          const padded = joined
            .pad([
              [1, 0],
              [0, 2],
            ])
            .slice([1, 1], [a.shape[0]!, a.shape[1]! * 3 - 1]);
          const stacked = tf.stack([a.exp(), b.tile([1, 1])]);
          const [left, right] = tf.split(stacked, [1, 1], 0);
          return tf.concat([padded.square().flatten(), left!.mul(right!).flatten()]);
        }),
        tolerance: 1e-4,
      })),
  );
  check(
    'selections, extremes, clipping and powers',
    fc
      .tuple(size, size)
      .chain(([n, d]) =>
        fc.record({ mask: ints([n, d], [0, 1]), a: floats([n, d]), b: floats([d], [0.25, 3]) }),
      )
      .map((arrays) => ({
        arrays,
        // tfjs has no gradients of comparisons, so the mask is an input.
        build: (inputs) =>
          withGradients(['a', 'b'], (a, b) =>
            tf
              .where(inputs['mask']!.toBool(), a.mul(b!), tf.relu(a).add(tf.pow(b!, 1.5)))
              .add(tf.maximum(a, b!.add(tf.zerosLike(a))))
              .add(tf.clipByValue(a, -1, 1))
              .add(tf.softplus(a))
              .add(tf.squaredDifference(a, a.exp()))
              .add(tf.log1p(b!).div(b!)),
          )(inputs),
        tolerance: 1e-4,
      })),
  );
});
