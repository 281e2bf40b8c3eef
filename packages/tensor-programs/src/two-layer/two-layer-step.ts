import { BadArgumentError, Mt19937 } from '@ntk-lens/core';
import { type TwoLayerRuleName, twoLayerRule } from './two-layer-rules.js';

/** One step of fine-tuning a two-layer network. */
export interface TwoLayerStepOptions {
  /** n. */
  readonly width: number;
  /** Seed of the weights. */
  readonly seed: number;
  /** `sgd` follows the gradient, and `signgd` follows its signs. */
  readonly rule: TwoLayerRuleName;
  /** η; every neuron moves by the order of it (for SGD, of ηχ). */
  readonly rate: number;
  /** χ, the derivative of the loss by the output. */
  readonly chi: number;
  /** ξ. */
  readonly input: readonly number[];
}

/** The change of f(ξ) in a step, and its linearization. */
export interface TwoLayerStep {
  /** f(ξ; θ₁) − f(ξ; θ₀). */
  readonly change: number;
  /** ⟨∇f(ξ; θ₀), θ₁ − θ₀⟩. */
  readonly linear: number;
  /** |change − linear| / |change|. */
  readonly error: number;
  /** Root mean square over neurons of the change of u_i·ξ. */
  readonly featureChange: number;
}

/** GELU by its tanh approximation, and its derivative. */
const gelu = (x: number): readonly [number, number] => {
  const inner = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
  const tanh = Math.tanh(inner);
  const slope = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2);
  return [0.5 * x * (1 + tanh), 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh ** 2) * slope];
};

/** A two-layer network on its one input: h_i = u_i·ξ and v_i of every neuron. */
export interface TwoLayerNetwork {
  readonly preactivations: Float64Array;
  readonly outputWeights: Float64Array;
}

/** @throws BadArgumentError for a width that is not a positive integer, or an input without features */
export const twoLayerNetwork = ({
  width,
  seed,
  input,
}: Pick<TwoLayerStepOptions, 'width' | 'seed' | 'input'>): TwoLayerNetwork => {
  if (!(Number.isInteger(width) && width >= 1))
    throw new BadArgumentError('width', width, 'a positive integer');
  if (input.length === 0) throw new BadArgumentError('input', 'no features', 'at least one');
  const random = new Mt19937(seed);
  const [preactivations, outputWeights] = [new Float64Array(width), new Float64Array(width)];
  for (let i = 0; i < width; i++) {
    for (const x of input) preactivations[i]! += x * random.standardNormal();
    outputWeights[i] = random.standardNormal();
  }
  return { preactivations, outputWeights };
};

/**
 * {@link twoLayerStep} of a network that is already there.
 *
 * @throws BadArgumentError for an unknown rule
 */
export const stepNetwork = (
  { preactivations, outputWeights }: TwoLayerNetwork,
  { rule, rate, chi, input }: Pick<TwoLayerStepOptions, 'rule' | 'rate' | 'chi' | 'input'>,
): TwoLayerStep => {
  const width = preactivations.length;
  const { direction } = twoLayerRule(rule);
  const step = (gradient: number) => -rate * direction(gradient, chi);
  const sums = { change: 0, linear: 0, squares: 0 };
  for (let i = 0; i < width; i++) {
    const [h, v] = [preactivations[i]!, outputWeights[i]!];
    const [value, slope] = gelu(h);
    let moved = 0;
    for (const x of input) moved += x * step(v * slope * x);
    const movedV = step(value);
    sums.change += (v + movedV) * gelu(h + moved)[0] - v * value;
    sums.linear += v * slope * moved + movedV * value;
    sums.squares += moved ** 2;
  }
  const [change, linear] = [sums.change / width, sums.linear / width];
  return {
    change,
    linear,
    error: Math.abs(change - linear) / Math.abs(change),
    featureChange: Math.sqrt(sums.squares / width),
  };
};

/**
 * One step of a two-layer network in maximal update parametrization, f(ξ) = (1/n) Σ_i v_i φ(u_i·ξ) with u_i,
 * v_i ~ N(0, 1) and φ the GELU, on the example ξ itself. It is the smallest network that shows when
 * fine-tuning is linear (docs/theory.md, *Two layers*). With gradients of neurons ∂_v = φ, ∂_u = v φ′ ξ (n
 * times those of the parameters), a step is −ηχ∂ for SGD and −η sign(χ∂) for SignGD, so
 *
 * Δf = −ηχK + O((ηχ)²) for SGD, in which χ → 0 suffices; for SignGD η itself has to go to 0.
 *
 * @example
 * ```ts
 * const n = 1024;
 * twoLayerStep({ width: n, seed: 0, rule: 'sgd', rate: 1, chi: n ** -0.5, input: [1, 1] }).error; // about 0.001
 * ```
 * @throws BadArgumentError for a width that is not a positive integer, an input without features, or an
 * unknown rule
 */
export const twoLayerStep = (options: TwoLayerStepOptions): TwoLayerStep =>
  stepNetwork(twoLayerNetwork(options), options);
