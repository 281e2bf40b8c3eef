import type { NDArray } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { broadcastingShapes, floats, ints, shapes } from '../../testing/arbitraries.js';
import {
  type Comparison,
  checkKernel as check,
  checkedKernels,
  expectSameNumbers,
  openBothRuntimes,
} from '../../testing/compare-runtimes.js';
import { elementwiseKernels } from '../../trace/kernels/elementwise.js';

openBothRuntimes();

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;
const ROUNDING = 1e-6;

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

test('every kernel of this topic is compared with tfjs', () => {
  expect(checkedKernels()).toEqual(Object.keys(elementwiseKernels).sort());
});
