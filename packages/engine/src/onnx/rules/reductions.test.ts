import * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floats, ints, shapes } from '../../testing/arbitraries.js';
import { checkKernel as check, checkedKernels, openBothRuntimes } from '../../testing/compare-runtimes.js';
import { reductionKernels } from '../../trace/kernels/reductions.js';

openBothRuntimes();

type Unary = (x: tf.Tensor) => tf.Tensor;
const ROUNDING = 1e-6;

const reduction = (
  kernel: string,
  f: (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor,
  tolerance = 0,
) =>
  check(
    kernel,
    shapes(1, 4)
      .chain((shape) =>
        fc.tuple(
          fc.oneof(floats(shape), ints(shape)),
          fc.uniqueArray(fc.integer({ min: -shape.length, max: shape.length - 1 }), {
            minLength: 1,
            maxLength: shape.length,
            selector: (axis) => (axis + shape.length) % shape.length,
          }),
          fc.boolean(),
        ),
      )
      .map(([x, axes, keep]) => ({ arrays: { x }, build: ({ x }) => f(x!, axes, keep), tolerance })),
    12,
  );
reduction('Sum', tf.sum, ROUNDING);
reduction('Mean', tf.mean, ROUNDING);
reduction('Max', tf.max);
reduction('Min', tf.min);
reduction('Prod', tf.prod, 1e-5);
const softmaxes = (f: Unary) =>
  shapes(1, 3, 6)
    .chain((shape) => floats(shape, [-8, 8]))
    .map((x) => ({ arrays: { x }, build: ({ x }: Record<string, tf.Tensor>) => f(x!), tolerance: 2e-6 }));
check(
  'Softmax',
  softmaxes((x) => tf.softmax(x)),
);
check(
  'LogSoftmax',
  softmaxes((x) => tf.logSoftmax(x)),
);

test('every kernel of this topic is compared with tfjs', () => {
  expect(checkedKernels()).toEqual(Object.keys(reductionKernels).sort());
});
