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

// ONNX Runtime's ClipQuantFusion compares bounds to within 1.2e-7 and would drop a clip to anything smaller
// than about 5e-10.
const TERNARY_UNIT = 2 ** -30;

/**
 * By what to scale gradients before {@link ternary}: signs of magnitudes down to 2⁻⁹⁰ ≈ 8e-28 are then seen,
 * and nothing below 2⁶⁷ overflows. Scale the smaller factor of a product, not the product.
 */
export const TERNARY_SCALE = 2 ** 60;

/**
 * Elementwise sign of a tensor already scaled by {@link TERNARY_SCALE}, in the form that {@link ternaryGram}
 * multiplies fastest. Compiled for a processor, it is uint8 with values 0, 1, 2 for −1, 0, 1. Eager, or
 * compiled for a graphics processor, whose providers multiply no bytes, it is float32.
 */
export const ternary = defineOperation({
  name: 'NtkTernary',
  infer: ([x], { ternary }) => ({ shape: x!.shape, dtype: ternary }),
  lower: (_, context) => {
    const { graph, emit, inputs, constant } = context;
    if (!graph.integers) return lowerSign(context);
    const unit = constant([TERNARY_UNIT], 'float32', []);
    const clipped = emit('Clip', [inputs[0]!, constant([-TERNARY_UNIT], 'float32', []), unit]);
    return emit('QuantizeLinear', [clipped, unit, constant([1], 'uint8', [])]);
  },
  eager: (x) => tf.sign(x!),
});

/**
 * Gram matrix of ternary rows, `[R, P]` and `[M, P]` → float32 `[R, M]`, computed in integer arithmetic where
 * {@link ternary} returns bytes. Exact for P < 2²⁴.
 */
export const ternaryGram = defineOperation({
  name: 'NtkTernaryGram',
  infer: ([a, b]) => ({ shape: [a!.shape[0]!, b!.shape[0]!], dtype: 'float32' }),
  lower: (_, { graph, emit, inputs: [a, b], constant }) => {
    if (!graph.integers) return emit('Gemm', [a!, b!], { transB: 1 });
    const zero = constant([1], 'uint8', []);
    const columns = emit('Transpose', [b!], { perm: [1, 0] });
    return emit('Cast', [emit('MatMulInteger', [a!, columns, zero, zero])], { to: 1 });
  },
  eager: (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true),
});
