import type { Formula } from '@ntk-lens/core';
import {
  type Program,
  sign,
  TERNARY_SCALE,
  type TensorSpec,
  ternary,
  ternaryGram,
  tf,
} from '@ntk-lens/engine';

/** Sizes of a linear site. */
export interface SiteSize {
  readonly inSize: number;
  readonly outSize: number;
}

/** Shape of one batch's factors. */
export interface FactorShape {
  /** Gradients per example. */
  readonly outputs: number;
  readonly n: number;
  readonly length: number;
  /** Tokens of each example before its padding; as many as `length` where absent. */
  readonly tokens?: readonly number[];
}

export const factorSpecs = (suffix: string, f: FactorShape, s: SiteSize): Record<string, TensorSpec> => ({
  [`a${suffix}`]: { dtype: 'float32', shape: [f.n, f.length, s.inSize] },
  [`b${suffix}`]: { dtype: 'float32', shape: [f.outputs, f.n, f.length, s.outSize] },
});

/** a bᵀ. */
export const productOf = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true);

export const total = (parts: readonly tf.Tensor[]): tf.Tensor => parts.reduce((sum, part) => sum.add(part));

/**
 * Kernel block of two batches with one token per example, whose gradients have rank one: (a·a')(b·b'). The factors'
 * signs give the sign kernels, since sign(b aᵀ) = sign(b) sign(a)ᵀ.
 */
export const rankOneGramProgram = (
  formula: Formula,
  left: FactorShape,
  right: FactorShape,
  s: SiteSize,
): Program => ({
  name: `rank-one gram ${formula} ${s.inSize}x${s.outSize}`,
  inputs: { ...factorSpecs('0', left, s), ...factorSpecs('1', right, s) },
  build: ({ a0, b0, a1, b1 }): Record<string, tf.Tensor> => {
    const gram = (f: (x: tf.Tensor) => tf.Tensor, g: (x: tf.Tensor) => tf.Tensor) =>
      factorGram(f(a0!), f(b0!), g(a1!), g(b1!));
    const same = (x: tf.Tensor) => x;
    if (formula === 'sgd') return { k: gram(same, same) };
    if (formula === 'signgd') return { k: gram(sign, sign) };
    return { k: gram(sign, same), flipped: gram(same, sign) };
  },
});

const factorGram = (a0: tf.Tensor, b0: tf.Tensor, a1: tf.Tensor, b1: tf.Tensor): tf.Tensor => {
  const tokens = (a: tf.Tensor) => a.reshape([a.shape[0]!, a.shape[2]!]);
  const rows = (b: tf.Tensor) => b.reshape([b.shape[0]! * b.shape[1]!, b.shape[3]!]);
  const [c0, n0] = b0.shape as [number, number];
  const [c1, n1] = b1.shape as [number, number];
  const activations = productOf(tokens(a0), tokens(a1)).reshape([1, n0, 1, n1]);
  const cotangents = productOf(rows(b0), rows(b1)).reshape([c0, n0, c1, n1]);
  return cotangents.mul(activations).reshape([c0 * n0, c1 * n1]);
};

/**
 * Kernel block of two batches' vector gradients `v` `[C, n, P]`.
 *
 * @param range entries `[start, size]` to take; all by default
 */
export const vectorGramProgram = (
  formula: Formula,
  left: readonly number[],
  right: readonly number[],
  range: readonly [number, number] = [0, left[2]!],
): Program => ({
  name: `vector gram ${formula} ${range}`,
  inputs: { v0: { dtype: 'float32', shape: left }, v1: { dtype: 'float32', shape: right } },
  build: ({ v0, v1 }): Record<string, tf.Tensor> => {
    const flat = (v: tf.Tensor) => {
      const [outputs, n] = v.shape as [number, number];
      return tf.slice(v, [0, 0, range[0]], [outputs, n, range[1]]).reshape([outputs * n, range[1]]);
    };
    const [x, y] = [flat(v0!), flat(v1!)];
    if (formula === 'sgd') return { k: productOf(x, y) };
    if (formula === 'signgd')
      return { k: ternaryGram(ternary(x.mul(TERNARY_SCALE)), ternary(y.mul(TERNARY_SCALE))) };
    return { k: productOf(sign(x), y), flipped: productOf(x, sign(y)) };
  },
});
