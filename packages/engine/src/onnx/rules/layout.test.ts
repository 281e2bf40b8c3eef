import * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floats, ints, shapes } from '../../testing/arbitraries.js';
import { checkKernel as check, checkedKernels, openBothRuntimes } from '../../testing/compare-runtimes.js';
import { layoutKernels } from '../../trace/kernels/layout.js';

openBothRuntimes();

const one = (shape: readonly number[]) => fc.oneof(floats(shape), ints(shape));
const layout = <T>(
  kernel: string,
  choices: (shape: number[]) => fc.Arbitrary<T>,
  f: (x: tf.Tensor, choice: T) => tf.Tensor | Record<string, tf.Tensor>,
  minRank = 1,
) =>
  check(
    kernel,
    shapes(minRank, 4)
      .chain((shape) => fc.tuple(one(shape), choices(shape)))
      .map(([x, choice]) => ({ arrays: { x }, build: ({ x }) => f(x!, choice) })),
    10,
  );
const axis = (shape: readonly number[]) => fc.integer({ min: 0, max: shape.length - 1 });
layout(
  'Reshape',
  (shape) =>
    fc
      .tuple(fc.shuffledSubarray(shape, { minLength: shape.length }), fc.nat(shape.length))
      .map(([other, inferred]) => other.map((n, i) => (i === inferred ? -1 : n))),
  // Used as well, so that what is inferred has to be known.
  (x, shape) => ({ y: tf.reshape(x, shape), z: tf.reshape(x, shape).mul(2).sum(0) }),
);
layout('ExpandDims', axis, (x, at) => tf.expandDims(x, at));
layout(
  'Transpose',
  (shape) => fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
  (x, perm) => tf.transpose(x, perm),
);
layout(
  'Reverse',
  (shape) => fc.subarray([...shape.keys()]),
  (x, axes) => tf.reverse(x, axes),
);
layout(
  'Tile',
  (shape) => fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 3 }))),
  (x, reps) => tf.tile(x, [...reps]),
);
layout(
  'BroadcastTo',
  () => fc.integer({ min: 1, max: 3 }),
  (x, n) => tf.broadcastTo(x, [n, ...x.shape]),
);
layout(
  'Slice',
  (shape) =>
    fc.tuple(
      ...shape.map((n) =>
        fc
          .nat(n - 1)
          .chain((b) =>
            fc.tuple(fc.constant(b), fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: n - b }))),
          ),
      ),
    ),
  (x, ranges) => ({
    whole: tf.slice(
      x,
      ranges.map((r) => r[0]!),
      ranges.map((r) => r[1]!),
    ),
    // Short forms: only the first axis is cut.
    rows: tf.slice(x, ranges[0]![0]!),
    row: tf.slice(x, [ranges[0]![0]!], [1]),
  }),
);
layout('Concat', axis, (x, at) => tf.concat([x, tf.neg(x), x], at));
layout('Pack', axis, (x, at) => tf.stack([x, tf.neg(x)], at));
layout('Unpack', axis, (x, at) => Object.fromEntries(tf.unstack(x, at).map((part, i) => [`part${i}`, part])));
layout('SplitV', axis, (x, at) => {
  const parts = tf.split(tf.concat([x, x, x], at), [x.shape[at]!, -1], at);
  return { first: parts[0]!, second: parts[1]! };
});
layout(
  'PadV2',
  (shape) => fc.tuple(fc.tuple(...shape.map(() => fc.tuple(fc.nat(2), fc.nat(2)))), fc.constantFrom(0, 2)),
  (x, [paddings, value]) => tf.pad(x, paddings as [number, number][], value),
);
layout('Identity', axis, (x) => tf.clone(x));
layout('Fill', axis, (x) => tf.add(x, tf.fill(x.shape, 2, x.dtype as 'float32')));
layout('ZerosLike', axis, (x) => ({ sum: tf.zerosLike(x).add(x), zeros: tf.zerosLike(x) }));
layout('OnesLike', axis, (x) => ({ sum: tf.onesLike(x).add(x), ones: tf.onesLike(x) }));

test('every kernel of this topic is compared with tfjs', () => {
  expect(checkedKernels()).toEqual(Object.keys(layoutKernels).sort());
});
