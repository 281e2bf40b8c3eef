import type { Formula } from '@ntk-lens/core';
import {
  type Program,
  type Resident,
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

/** Activations `a<suffix>` `[n, T, in]` and, for each output, cotangents `b<suffix>.<c>` `[n, T, out]`, as inputs. */
export const factorSpecs = (suffix: string, f: FactorShape, s: SiteSize): Record<string, TensorSpec> => ({
  [`a${suffix}`]: { dtype: 'float32', shape: [f.n, f.length, s.inSize] },
  ...Object.fromEntries(
    cotangentNames(suffix, f.outputs).map(
      (name) => [name, { dtype: 'float32', shape: [f.n, f.length, s.outSize] }] as const,
    ),
  ),
});

const cotangentNames = (suffix: string, outputs: number): string[] =>
  Array.from({ length: outputs }, (_, c) => `b${suffix}.${c}`);

/** The inputs that {@link factorSpecs} describes. */
export const factorInputs = (
  suffix: string,
  { a, b }: { readonly a: Resident; readonly b: readonly Resident[] },
): Record<string, Resident> => ({
  [`a${suffix}`]: a,
  ...Object.fromEntries(cotangentNames(suffix, b.length).map((name, c) => [name, b[c]!] as const)),
});

/** The factors among a program's inputs. */
export const factorsOf = (
  inputs: Readonly<Record<string, tf.Tensor>>,
  suffix: string,
  { outputs }: FactorShape,
): { readonly a: tf.Tensor; readonly b: readonly tf.Tensor[] } => ({
  a: inputs[`a${suffix}`]!,
  b: cotangentNames(suffix, outputs).map((name) => inputs[name]!),
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
  build: (inputs): Record<string, tf.Tensor> => {
    const [x, y] = [factorsOf(inputs, '0', left), factorsOf(inputs, '1', right)];
    const gram = (f: (x: tf.Tensor) => tf.Tensor, g: (x: tf.Tensor) => tf.Tensor) =>
      factorGram(f(x.a), each(x.b, f), g(y.a), each(y.b, g));
    const same = (x: tf.Tensor) => x;
    if (formula === 'sgd') return { k: gram(same, same) };
    if (formula === 'signgd') return { k: gram(sign, sign) };
    return { k: gram(sign, same), flipped: gram(same, sign) };
  },
});

// Operations take any number of tensors, and `map` would hand them more than one argument.
const each = (b: readonly tf.Tensor[], f: (x: tf.Tensor) => tf.Tensor): tf.Tensor[] => b.map((x) => f(x));

const factorGram = (
  a0: tf.Tensor,
  b0: readonly tf.Tensor[],
  a1: tf.Tensor,
  b1: readonly tf.Tensor[],
): tf.Tensor => {
  const tokens = (x: tf.Tensor) => x.reshape([x.shape[0]!, x.shape[2]!]);
  const rows = (b: readonly tf.Tensor[]) => (b.length === 1 ? tokens(b[0]!) : tf.concat(b.map(tokens)));
  const [c0, n0] = [b0.length, a0.shape[0]!];
  const [c1, n1] = [b1.length, a1.shape[0]!];
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
