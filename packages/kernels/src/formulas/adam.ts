import { BadArgumentError, type NDArray } from '@ntk-lens/core';
import { BadSecondMomentError, NoSecondMomentError } from '../errors.js';
import type { AdamState } from './adam-state.js';
import type { KernelFormula } from './formula.js';
import { scaleMap } from './gradient-map.js';
import type { LossName } from './losses.js';
import type { WeightDirection } from './weight-direction.js';

export type { AdamState } from './adam-state.js';

export interface AdamOptions {
  /** The state of an optimizer. Default: v is the mean of squared gradients over the training examples, at θ₀. */
  readonly state?: AdamState;
  /** The run's loss, of which the squared gradients are. Default: `cross-entropy`. */
  readonly loss?: LossName;
  /** ε. Default: 1e-8, as in torch.optim. */
  readonly eps?: number;
}

/** √D with D = 1 / (√v̂ + ε), v̂ = v / correction. */
const rootOfD = (
  v: { read(parameter: string): Promise<NDArray<'float32'>> },
  correction: number,
  eps: number,
): WeightDirection => ({
  read: async (parameter) => {
    const array = await v.read(parameter);
    const bad = invert(array.data, correction, eps);
    if (bad !== undefined) throw new BadSecondMomentError(parameter, bad);
    return array;
  },
});

// By itself, so that it is compiled for these arrays alone. Stops at a number that is no mean of squares, and returns it.
const invert = (v: Float32Array, correction: number, eps: number): number | undefined => {
  for (let i = 0; i < v.length; i++) {
    const value = v[i]!;
    if (!(value >= 0 && value < Infinity)) return value;
    v[i] = 1 / Math.sqrt(Math.sqrt(value / correction) + eps);
  }
  return undefined;
};

/**
 * The preconditioned kernel of Adam after its first steps, K(ξ, ξ') = ⟨∇f(ξ), D ∇f(ξ')⟩ (docs/theory.md,
 * Kernels). D = 1 / (√v̂ + ε) per parameter and v̂ = v / (1 − β₂ᵗ); √D acts on both sides, so the kernel is
 * symmetric. By default v is the mean over the training examples of the squared gradient of the run's loss at
 * θ₀. That is v̂ of a first step on all of them, each by itself. Otherwise v is read from the state of an
 * optimizer. Where v̂ is zero D = 1/ε, and where gradients are small √v̂ is as small: rounding of float32
 * counts there as it does in no other kernel (docs/theory.md, Adam). Choose it where fine-tuning uses Adam
 * and the kernel should know the sizes of gradients, which {@link signGd} throws away; it needs labels, or a
 * state.
 *
 * @example
 * ```ts
 * const { train } = await computeKernels({ ...request, formula: 'adam', labels }); // v from the training examples
 * const state = await readSecondMoment('checkpoint-500/optimizer.pt', model);
 * const tuned = await computeKernels({ ...request, formula: adam({ state }) });
 * ```
 * @throws BadArgumentError for an ε, β₂ or step out of range; NoSecondMomentError before any work, when the
 * state lacks a
 *   parameter that takes part; BadSecondMomentError for v that is negative or not finite
 */
export const adam = ({
  state,
  loss = 'cross-entropy',
  eps = 1e-8,
}: AdamOptions = {}): KernelFormula & { readonly name: 'adam' } => {
  if (!(eps > 0 && Number.isFinite(eps))) throw new BadArgumentError('eps', eps, 'a positive number');
  const of = (factors?: WeightDirection) => {
    const map = scaleMap(factors);
    return { train: map, query: map };
  };
  const common = {
    name: 'adam',
    title: 'Adam',
    purpose: 'for Adam after its first steps, with any number of labels',
    withState: (known: AdamState) => adam({ state: known, eps }),
  } as const;
  if (!state) {
    const settings = { v: 'mean of squared gradients over the training examples', loss, eps };
    return {
      ...common,
      ...of(),
      settings,
      needsLabels: true,
      prepare: async ({ meanSquaredGradient }) => of(rootOfD(await meanSquaredGradient(loss), 1, eps)),
    };
  }
  const { step, beta2 } = state;
  if (!(Number.isInteger(step) && step >= 1)) throw new BadArgumentError('step', step, 'an integer from 1');
  if (!(beta2 >= 0 && beta2 < 1)) throw new BadArgumentError('beta2', beta2, 'a number from 0 to below 1');
  return {
    ...common,
    ...of(rootOfD(state, 1 - beta2 ** step, eps)),
    settings: { v: state.describe, beta2, step, eps },
    refuse: (parameter) => (state.has(parameter) ? undefined : new NoSecondMomentError(parameter)),
  };
};

/** {@link adam} with its defaults: v from the training examples. */
export const adamOfExamples = adam();
