import * as tf from '@ntk-lens/tfjs';
import type { LoweringContext } from '../onnx/rules/rule.js';
import { defineOperation } from './define-operation.js';

// A power of two, so that scaling by it is exact; what overflows is clipped to ±1 all the same.
const HUGE = 2 ** 100;

const lowerSign = ({ emit, inputs: [x], constant }: LoweringContext): string => {
  const scaled = emit('Mul', [x!, constant([HUGE], 'float32', [])]);
  return emit('Clip', [scaled, constant([-1], 'float32', []), constant([1], 'float32', [])]);
};

/**
 * Elementwise sign as float32, sign(0) = 0. ONNX Runtime's own `Sign` is several times slower than scaling by
 * 2¹⁰⁰ and clipping to ±1, which gives the same for every magnitude of at least 2⁻¹⁰⁰ ≈ 8e-31.
 */
export const sign = defineOperation({
  name: 'NtkSign',
  infer: ([x]) => ({ shape: x!.shape, dtype: 'float32' }),
  lower: (_, context) => lowerSign(context),
  eager: (x) => tf.sign(x!),
});

// The smallest magnitude that counts is half of it.
const TERNARY_UNIT = 2 ** -90;

/**
 * Elementwise sign in the form that {@link ternaryGram} multiplies fastest, sign(0) = 0. Compiled for a processor, it is
 * uint8 with values 0, 1, 2 for −1, 0, 1, and magnitudes up to 2⁻⁹¹ ≈ 4e-28 count as zero. Eager, or compiled for a
 * graphics processor, whose providers multiply no bytes, it is float32.
 *
 * Negative numbers are quantized to 0, which is the smallest byte; positive ones are clipped to 2 as bytes, which takes a
 * quarter of the memory traffic of clipping floats before.
 */
export const ternary = defineOperation({
  name: 'NtkTernary',
  infer: ([x], { ternary }) => ({ shape: x!.shape, dtype: ternary }),
  lower: (_, context) => {
    const { graph, emit, inputs, constant } = context;
    if (!graph.integers) return lowerSign(context);
    const byte = (value: number) => constant([value], 'uint8', []);
    const quantized = emit('QuantizeLinear', [inputs[0]!, constant([TERNARY_UNIT], 'float32', []), byte(1)]);
    return emit('Clip', [quantized, byte(0), byte(2)]);
  },
  eager: (x) => tf.sign(x!),
});

const INT8 = 3;
const FLOAT32 = 1;

/**
 * Gram matrix of ternary rows, `[R, P]` and `[M, P]` → float32 `[R, M]`, computed in integer arithmetic where
 * {@link ternary} returns bytes. Exact for P < 2²⁴.
 *
 * ONNX Runtime multiplies unsigned with signed bytes four at a time (VNNI), and unsigned with unsigned ones as
 * pairs of 16-bit numbers. The values 0, 1, 2 are the same in both types. The fewer rows should be those of `b`: they are
 * converted and transposed.
 */
export const ternaryGram = defineOperation({
  name: 'NtkTernaryGram',
  infer: ([a, b]) => ({ shape: [a!.shape[0]!, b!.shape[0]!], dtype: 'float32' }),
  lower: (_, { graph, emit, inputs: [a, b], constant }) => {
    if (!graph.integers) return emit('Gemm', [a!, b!], { transB: 1 });
    const [zero, signedZero] = [constant([1], 'uint8', []), constant([1], 'int8', [])];
    const columns = emit('Transpose', [emit('Cast', [b!], { to: INT8 })], { perm: [1, 0] });
    return emit('Cast', [emit('MatMulInteger', [a!, columns, zero, signedZero])], { to: FLOAT32 });
  },
  eager: (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true),
});
