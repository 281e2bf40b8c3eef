import * as tf from '@tensorflow/tfjs';
import { defineOperation } from './define-operation.js';

// Magnitudes below 2⁻¹⁰⁰ count as 0; a power of two, so that scaling by it is exact.
const TINY = 2 ** -100;

/**
 * Elementwise sign as float32, sign(0) = 0. ONNX Runtime's own `Sign` is several times slower than clipping
 * to ±2⁻¹⁰⁰ and scaling, which gives the same for every magnitude of at least 2⁻¹⁰⁰ ≈ 8e-31.
 */
export const sign = defineOperation({
  name: 'NtkSign',
  infer: ([x]) => ({ shape: x!.shape, dtype: 'float32' }),
  lower: (_, { emit, inputs: [x], constant }) => {
    const clipped = emit('Clip', [x!, constant([-TINY], 'float32', []), constant([TINY], 'float32', [])]);
    return emit('Mul', [clipped, constant([1 / TINY], 'float32', [])]);
  },
  eager: (x) => tf.sign(x!),
});

/**
 * Elementwise sign in the form that {@link ternaryGram} multiplies fastest: where compiled, uint8 with values
 * 0, 1, 2 for −1, 0, 1; where eager, float32.
 */
export const ternary = defineOperation({
  name: 'NtkTernary',
  infer: ([x]) => ({ shape: x!.shape, dtype: 'uint8' }),
  lower: (_, { emit, inputs: [x], constant }) => {
    const clipped = emit('Clip', [x!, constant([-TINY], 'float32', []), constant([TINY], 'float32', [])]);
    return emit('QuantizeLinear', [clipped, constant([TINY], 'float32', []), constant([1], 'uint8', [])]);
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
