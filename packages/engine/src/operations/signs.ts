import * as tf from '@tensorflow/tfjs';
import { defineOperation } from './define-operation.js';

// A power of two, so that scaling by it is exact; what overflows is clipped to ±1 all the same.
const HUGE = 2 ** 100;

/**
 * Elementwise sign as float32, sign(0) = 0. ONNX Runtime's own `Sign` is several times slower than scaling by
 * 2¹⁰⁰ and clipping to ±1, which gives the same for every magnitude of at least 2⁻¹⁰⁰ ≈ 8e-31.
 */
export const sign = defineOperation({
  name: 'NtkSign',
  infer: ([x]) => ({ shape: x!.shape, dtype: 'float32' }),
  lower: (_, { emit, inputs: [x], constant }) => {
    const scaled = emit('Mul', [x!, constant([HUGE], 'float32', [])]);
    return emit('Clip', [scaled, constant([-1], 'float32', []), constant([1], 'float32', [])]);
  },
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
 * multiplies fastest: where compiled, uint8 with values 0, 1, 2 for −1, 0, 1; where eager, float32.
 */
export const ternary = defineOperation({
  name: 'NtkTernary',
  infer: ([x]) => ({ shape: x!.shape, dtype: 'uint8' }),
  lower: (_, { emit, inputs: [x], constant }) => {
    const unit = constant([TERNARY_UNIT], 'float32', []);
    const clipped = emit('Clip', [x!, constant([-TERNARY_UNIT], 'float32', []), unit]);
    return emit('QuantizeLinear', [clipped, unit, constant([1], 'uint8', [])]);
  },
  eager: (x) => tf.sign(x!),
});

/**
 * Gram matrix of ternary rows, `[R, P]` and `[M, P]` → float32 `[R, M]`, computed in integer arithmetic where
 * compiled. Exact for P < 2²⁴.
 */
export const ternaryGram = defineOperation({
  name: 'NtkTernaryGram',
  infer: ([a, b]) => ({ shape: [a!.shape[0]!, b!.shape[0]!], dtype: 'float32' }),
  lower: (_, { emit, inputs: [a, b], constant }) => {
    const zero = constant([1], 'uint8', []);
    const columns = emit('Transpose', [b!], { perm: [1, 0] });
    return emit('Cast', [emit('MatMulInteger', [a!, columns, zero, zero])], { to: 1 });
  },
  eager: (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true),
});
