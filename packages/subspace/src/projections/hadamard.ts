import { tf } from '@ntk-lens/engine';

/** The smallest power of two that is at least n. */
export const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(n));

/** The Walsh–Hadamard transform of 2ᵖ numbers, unscaled, in place: HᵀH = 2ᵖ I. */
export const hadamardInPlace = (x: Float64Array): void => {
  for (let half = 1; half < x.length; half *= 2) {
    for (let start = 0; start < x.length; start += 2 * half) {
      for (let i = start; i < start + half; i++) {
        const [a, b] = [x[i]!, x[i + half]!];
        x[i] = a + b;
        x[i + half] = a - b;
      }
    }
  }
};

// Products with Hadamard matrices of at most this size cost less than the memory they move.
const LARGEST = 64;

const matrix = (size: number): tf.Tensor2D => {
  const entries = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let bits = i & j;
      let odd = 0;
      for (; bits > 0; bits &= bits - 1) odd ^= 1;
      entries[i * size + j] = odd ? -1 : 1;
    }
  }
  return tf.tensor2d(entries, [size, size]);
};

/** Factors of a power of two of at most {@link LARGEST}, about equal. */
const factorsOf = (size: number): number[] => {
  const count = Math.max(1, Math.ceil(Math.log2(size) / Math.log2(LARGEST)));
  const bits = Math.log2(size);
  return Array.from(
    { length: count },
    (_, i) => 2 ** (Math.floor(((i + 1) * bits) / count) - Math.floor((i * bits) / count)),
  );
};

/**
 * The same transform of every row of `x` `[m, 2ᵖ]`, as a few products with small Hadamard matrices (H is
 * their Kronecker product). For rows of length 1 it is the identity.
 */
export const hadamardRows = (x: tf.Tensor): tf.Tensor => {
  const [m, size] = x.shape as [number, number];
  if (size === 1) return x;
  let y = x;
  // Each product transforms the last factor and brings it to the front of the row; after all, the order is back.
  for (const factor of factorsOf(size).reverse()) {
    const rest = size / factor;
    const product = tf.matMul(y.reshape([m * rest, factor]), matrix(factor));
    y = rest === 1 ? product : product.reshape([m, rest, factor]).transpose([0, 2, 1]);
  }
  return y.reshape([m, size]);
};
