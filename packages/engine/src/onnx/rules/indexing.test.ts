import * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floats, ints, shapes } from '../../testing/arbitraries.js';
import { checkKernel as check, checkedKernels, openBothRuntimes } from '../../testing/compare-runtimes.js';
import { indexingKernels } from '../../trace/kernels/indexing.js';

openBothRuntimes();

check(
  'GatherV2',
  shapes(1, 3)
    .chain((shape) =>
      fc.nat(shape.length - 1).chain((axis) =>
        fc.tuple(
          floats(shape),
          shapes(1, 2).chain((s) => ints(s, [0, shape[axis]! - 1])),
          fc.constantFrom(axis, axis - shape.length),
        ),
      ),
    )
    .map(([x, ids, axis]) => ({
      arrays: { x, ids },
      build: ({ x, ids }) => tf.gather(x!, ids as tf.Tensor1D, axis),
    })),
  12,
);
check(
  'UnsortedSegmentSum',
  shapes(1, 3)
    .chain((shape) => fc.tuple(floats(shape), ints([shape[0]!], [0, 2])))
    .map(([x, ids]) => ({
      arrays: { x, ids },
      build: ({ x, ids }) => tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, 3),
    })),
  12,
);
check(
  'OneHot',
  shapes(0, 2)
    .chain((shape) => ints(shape, [0, 4]))
    .map((ids) => ({
      arrays: { ids },
      build: ({ ids }) => ({ ints: tf.oneHot(ids!, 5), floats: tf.oneHot(ids!, 5, 2.5, -1, 'float32') }),
    })),
);

test('every kernel of this topic is compared with tfjs', () => {
  expect(checkedKernels()).toEqual(Object.keys(indexingKernels).sort());
});
