import * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floats } from '../../testing/arbitraries.js';
import {
  checkKernel as check,
  checkedKernels,
  expectSameNumbers,
  openBothRuntimes,
} from '../../testing/compare-runtimes.js';
import { productKernels } from '../../trace/kernels/products.js';

openBothRuntimes();

const ROUNDING = 1e-6;

// Not [1, 3] with [2, 1]: tfjs takes the wrong matrices when both sides repeat along different axes.
const batches = fc.constantFrom<readonly [number[], number[]]>([[], []], [[2], [2]], [[2], [1]], [[], [2]]);
check(
  'BatchMatMul',
  fc
    .record({
      batch: batches,
      sizes: fc.tuple(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
      ),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    })
    .chain(({ batch: [left, right], sizes: [n, k, m], transposeA, transposeB }) =>
      fc.tuple(
        floats([...left, ...(transposeA ? [k, n] : [n, k])]),
        floats([...right, ...(transposeB ? [m, k] : [k, m])]),
        fc.constant({ transposeA, transposeB }),
      ),
    )
    .map(([a, b, { transposeA, transposeB }]) => ({
      arrays: { a, b },
      build: ({ a, b }) => tf.matMul(a!, b!, transposeA, transposeB),
      tolerance: ROUNDING,
    })),
  30,
);

test('a product and a row vector are the same numbers however they are summed and used', async () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }));
  const cases = sizes.chain(([n, m]) =>
    fc.record({ a: floats([n, 3]), b: floats([m, 3]), row: floats([m]), column: floats([n, 1]) }),
  );
  await fc.assert(
    fc.asyncProperty(cases, (arrays) =>
      expectSameNumbers({
        arrays,
        build: ({ a, b, row, column }) => {
          const product = () => tf.matMul(a!, b!, false, true);
          const shared = tf.matMul(a!.neg(), b!, false, true);
          return {
            right: product().mul(2).add(row!),
            biased: tf.matMul(a!.square(), b!, false, true).add(row!),
            left: row!.add(tf.matMul(a!, b!.square(), false, true)),
            shared,
            sharedBiased: shared.add(row!),
            columnwise: tf.matMul(a!.abs(), b!, false, true).add(column!),
            twice: tf.matMul(a!, b!.abs(), false, true).add(row!).add(row!),
          };
        },
        tolerance: ROUNDING,
      }),
    ),
    { numRuns: 10, seed: 5 },
  );
});

test('every kernel of this topic is compared with tfjs', () => {
  expect(checkedKernels()).toEqual(Object.keys(productKernels).sort());
});
