import type { NDArray } from '@ntk-lens/core';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { broadcastingShapes, floats, ints, shapes } from '../testing/arbitraries.js';
import { type Comparison, expectSameNumbers, openBothRuntimes } from '../testing/compare-runtimes.js';
import { tracedKernels } from '../trace/kernels/register-kernels.js';

openBothRuntimes();

/** Kernels that the tests of this file are about. */
const covered = new Set<string>();

const check = (kernel: string, cases: fc.Arbitrary<Comparison>, numRuns = 8) => {
  covered.add(kernel);
  test(kernel, async () => {
    await fc.assert(fc.asyncProperty(cases, expectSameNumbers), { numRuns, seed: 7 });
  });
};

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;
const ROUNDING = 1e-6;

describe('elementwise operations of one tensor', () => {
  const unary = (kernel: string, f: Unary, range?: readonly [number, number], tolerance = 0) =>
    check(
      kernel,
      shapes(0, 3)
        .chain((shape) => floats(shape, range))
        .map((x) => ({ arrays: { x }, build: ({ x }) => f(x!), tolerance })),
    );
  unary('Neg', tf.neg);
  unary('Abs', tf.abs);
  unary('Sign', tf.sign);
  unary('Square', tf.square);
  unary('Relu', tf.relu);
  unary('Floor', tf.floor);
  unary('Ceil', tf.ceil);
  unary('Round', tf.round, [-3.5, 3.5]);
  unary('Step', (x) => tf.step(x, 0.25));
  unary('ClipByValue', (x) => tf.clipByValue(x, -1.5, 0.75));
  unary('Sqrt', tf.sqrt, [0, 9], ROUNDING);
  unary('Rsqrt', tf.rsqrt, [0.0625, 9], ROUNDING);
  unary('Reciprocal', tf.reciprocal, [0.0625, 9], ROUNDING);
  unary('Exp', tf.exp, [-5, 5], ROUNDING);
  unary('Expm1', tf.expm1, [-5, 5], ROUNDING);
  unary('Log', tf.log, [0.0625, 9], ROUNDING);
  unary('Log1p', tf.log1p, [-0.5, 9], ROUNDING);
  unary('Tanh', tf.tanh, undefined, ROUNDING);
  unary('Sigmoid', tf.sigmoid, [-8, 8], ROUNDING);
  unary('Softplus', tf.softplus, [-8, 8], ROUNDING);
  unary('Sin', tf.sin, undefined, ROUNDING);
  unary('Cos', tf.cos, undefined, ROUNDING);
  // tfjs on the CPU uses an approximation that is off by 1.5e-7.
  unary('Erf', tf.erf, undefined, ROUNDING);
  unary('LogicalNot', (x) => tf.logicalNot(x.greater(0)));
  unary('Identity', (x) => tf.clone(x));
  unary('ZerosLike', (x) => tf.zerosLike(x).add(x));
  unary('OnesLike', (x) => tf.onesLike(x).add(x));
  unary('Fill', (x) => tf.add(x, tf.fill(x.shape, 0.5)));

  test('Log1p and Expm1 keep the digits of small numbers', async () => {
    const x: NDArray<'float32'> = {
      dtype: 'float32',
      shape: [4],
      data: Float32Array.of(1e-7, -3e-6, 1e-20, 0),
    };
    const scale = 1e7;
    await expectSameNumbers({
      arrays: { x },
      build: ({ x }) => ({ log1p: tf.log1p(x!).mul(scale), expm1: tf.expm1(x!).mul(scale) }),
      tolerance: 1e-6,
    });
  });

  const castCases = fc.oneof(
    shapes(0, 3)
      .chain((shape) => floats(shape))
      .map((x) => ({
        arrays: { x },
        build: ({ x }: { x?: tf.Tensor }) => ({
          int: x!.toInt(),
          bool: x!.toBool(),
          back: x!.toInt().toFloat(),
        }),
      })),
    shapes(0, 3)
      .chain((shape) => ints(shape))
      .map((x) => ({
        arrays: { x },
        build: ({ x }: { x?: tf.Tensor }) => ({ float: x!.toFloat(), bool: x!.toBool() }),
      })),
  );
  check('Cast', castCases as fc.Arbitrary<Comparison>);
});

describe('elementwise operations of two tensors, broadcasting', () => {
  const binary = (
    kernel: string,
    f: Binary,
    values: (shape: readonly number[]) => fc.Arbitrary<NDArray<'float32' | 'int32'>> = floats,
    tolerance = 0,
  ) =>
    check(
      kernel,
      broadcastingShapes
        .chain(([a, b]) => fc.tuple(values(a), values(b)))
        .map(([a, b]) => ({ arrays: { a, b }, build: ({ a, b }) => f(a!, b!), tolerance })),
    );
  const positive = (shape: readonly number[]) => floats(shape, [0.125, 3]);
  const either = (shape: readonly number[]) => fc.oneof(floats(shape), ints(shape));
  const nonzero = (shape: readonly number[]) =>
    fc.oneof(ints(shape, [1, 5]), ints(shape, [-5, -1]), positive(shape));
  binary('Add', tf.add, either);
  binary('Sub', tf.sub, either);
  binary('Multiply', tf.mul, either);
  binary('RealDiv', tf.div, positive, ROUNDING);
  binary('FloorDiv', tf.floorDiv, nonzero);
  binary('Maximum', tf.maximum, either);
  binary('Minimum', tf.minimum, either);
  binary('SquaredDifference', tf.squaredDifference);
  binary('Pow', tf.pow, positive, 2e-6);
  binary('Equal', tf.equal, either);
  binary('NotEqual', tf.notEqual, either);
  binary('Greater', tf.greater, either);
  binary('GreaterEqual', tf.greaterEqual, either);
  binary('Less', tf.less, either);
  binary('LessEqual', tf.lessEqual, either);
  binary('LogicalAnd', (a, b) => tf.logicalAnd(a.greater(0), b.less(1)));
  binary('LogicalOr', (a, b) => tf.logicalOr(a.greater(0), b.less(1)));
  binary('Select', (a, b) => tf.where(a.greater(b), a, b));
  binary('AddN', (a, b) => tf.addN([a.add(b), b.add(a), a.add(b)]));
});

describe('reductions', () => {
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
});

describe('layout', () => {
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
    (shape) => fc.shuffledSubarray(shape, { minLength: shape.length }),
    (x, shape) => tf.reshape(x, shape),
  );
  layout('ExpandDims', axis, (x, at) => tf.expandDims(x, at));
  layout(
    'Transpose',
    (shape) => fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
    (x, perm) => tf.transpose(x, perm),
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
  layout('Unpack', axis, (x, at) =>
    Object.fromEntries(tf.unstack(x, at).map((part, i) => [`part${i}`, part])),
  );
  layout('SplitV', axis, (x, at) => {
    const parts = tf.split(tf.concat([x, x, x], at), [x.shape[at]!, -1], at);
    return { first: parts[0]!, second: parts[1]! };
  });
  layout(
    'PadV2',
    (shape) => fc.tuple(fc.tuple(...shape.map(() => fc.tuple(fc.nat(2), fc.nat(2)))), fc.constantFrom(0, 2)),
    (x, [paddings, value]) => tf.pad(x, paddings as [number, number][], value),
  );
});

describe('indexing', () => {
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
});

describe('products', () => {
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
});

test('every kernel that can be traced is compared with tfjs here', () => {
  expect([...covered].sort()).toEqual(Object.keys(tracedKernels).sort());
});
