import type { tf } from '@ntk-lens/engine';
import type { WeightDirection } from './weight-direction.js';

/** Numbers of a gradient in memory. */
export type Numbers = Float32Array | Float64Array;

/** The part of the engine that maps need. They are given it, so that formulas can be read where no engine is loaded. */
export interface MapOperations {
  /** Elementwise; sign(0) = 0. */
  sign(x: tf.Tensor): tf.Tensor;
}

/**
 * A formula maps gradients, element by element, before it multiplies two of them. The ways to compute a
 * kernel follow from the properties of its maps (docs/theory.md, Kernels).
 */
export interface GradientMap {
  /** The image of ∇f, as people write it. */
  readonly symbol: string;
  /** M(x + y) = M x + M y: it commutes with sums over tokens, and, acting on each element alone, is self-adjoint. */
  readonly linear: boolean;
  /** M(b aᵀ) = M(b) M(a)ᵀ: a gradient of one token can be mapped through its factors. */
  readonly keepsRankOne: boolean;
  /** Its values are −1, 0 and 1, so that two such maps can be multiplied as integers. */
  readonly ternary: boolean;
  /** Bytes of a mapped element in float32, in addition to the gradient's own. */
  readonly bytes: number;
  /** The vector of its factors in parameter space, where it has any. */
  readonly factors?: WeightDirection;
  /** It needs factors, which `prepare` of its formula finds. */
  readonly needsFactors: boolean;
  /** The map in a program; `factor` broadcasts to the gradient. Programs of one function are compiled once. */
  readonly tensor: (
    gradient: tf.Tensor,
    factor: tf.Tensor | undefined,
    operations: MapOperations,
  ) => tf.Tensor;
  /** The map of numbers in memory: a new array, or the gradient itself. */
  readonly numbers: <T extends Numbers>(gradient: T, factor: ArrayLike<number> | undefined) => T;
}

/** The gradient itself. */
export const identityMap: GradientMap = {
  symbol: '∇f',
  linear: true,
  keepsRankOne: true,
  ternary: false,
  bytes: 0,
  needsFactors: false,
  tensor: (gradient) => gradient,
  numbers: (gradient) => gradient,
};

/** The sign of each element, sign(0) = 0: sign(b aᵀ) = sign(b) sign(a)ᵀ, but not of sums. */
export const signMap: GradientMap = {
  symbol: 'sign ∇f',
  linear: false,
  keepsRankOne: true,
  ternary: true,
  bytes: 4,
  needsFactors: false,
  tensor: (gradient, _factor, { sign }) => sign(gradient),
  numbers: <T extends Numbers>(gradient: T): T => gradient.map((x: number) => Math.sign(x)) as T,
};

/**
 * Each element times a factor of its own. A matrix of factors is not a product of two vectors, so a gradient has to be
 * formed before it is scaled.
 *
 * @param factors a vector in parameter space; absent while `prepare` has not found it
 */
export const scaleMap = (factors?: WeightDirection): GradientMap => ({
  symbol: '√D ∇f',
  linear: true,
  keepsRankOne: false,
  ternary: false,
  bytes: 4,
  needsFactors: true,
  factors,
  tensor: scaled,
  numbers: <T extends Numbers>(gradient: T, factor: ArrayLike<number> | undefined): T => {
    const scale = scaleOf(factor);
    return gradient.map((x: number, i: number) => x * (scale[i] ?? Number.NaN)) as T;
  },
});

// One function for all scaling maps. They differ only in their factors, which are inputs of programs.
const scaled: GradientMap['tensor'] = (gradient, factor) => gradient.mul(scaleOf(factor));

const scaleOf = <T>(factor: T | undefined): T => {
  if (factor === undefined) throw new Error('A scaling map was used before its factors were found.');
  return factor;
};
