import type { NDArray } from '@ntk-lens/core';
import { createOptimizer, type OptimizerOptions } from '@ntk-lens/subspace';
import { type LinearizationError, linearizationError } from '../linearization/linearization-error.js';
import { Cosine } from './cosine.js';
import { RECORDED, recordingOptimizer } from './recording-optimizer.js';
import { type ShortTraining, trainShortly, type Values, valuesOf } from './short-training.js';

export interface EarlyAdamRequest extends ShortTraining {
  /** Default: Adam with torch's defaults. */
  readonly optimizer?: OptimizerOptions;
}

/** Agreement of the first steps of Adam with those of SignGD. */
export interface EarlyAdam {
  /** Cosine of Adam's step with −sign ∇ℓ_t, the gradient taken where Adam is; from step 1 on. */
  readonly steps: readonly number[];
  /** Cosine of θ_S − θ₀ of Adam with that of SignGD on the same batches at the same rate, after the last step S. */
  readonly trajectory: number;
  /** f(·; θ_S) − f(·; θ₀) of Adam, predicted by that of SignGD: relative error and R². */
  readonly outputs: LinearizationError;
}

/**
 * Early Adam is SignGD (docs/theory.md, SignGD): Adam's first steps against θ_t = θ_{t−1} − η sign ∇ℓ_t, step by step
 * and as trajectories from θ₀.
 *
 * @example
 * ```ts
 * const { steps } = await measureEarlyAdam({ ...training, space, examples, learningRate: 2e-5 });
 * steps[0]; // close to 1: the first step of Adam is the sign, but for ε
 * ```
 */
export const measureEarlyAdam = async (request: EarlyAdamRequest): Promise<EarlyAdam> => {
  let start: Values = new Map();
  let [f0, signed]: (NDArray<'float64'> | undefined)[] = [];
  let signEnd: Values = new Map();
  await trainShortly(
    request,
    createOptimizer({ name: 'signgd' }),
    async (trainer, step) => {
      if (step < request.steps) return;
      signEnd = await valuesOf(trainer);
      signed = await trainer.logits(request.examples);
    },
    async (trainer) => {
      start = await valuesOf(trainer);
      f0 = await trainer.logits(request.examples);
    },
  );
  const steps: number[] = [];
  const path = new Cosine();
  let before = start;
  let tuned: NDArray<'float64'> | undefined;
  await trainShortly(
    request,
    recordingOptimizer(createOptimizer(request.optimizer ?? { name: 'adam' })),
    async (trainer, step) => {
      const after = await valuesOf(trainer);
      const own = new Cosine();
      for (const variable of trainer.plan.variables) {
        const { key } = variable;
        const now = after.get(key)!.data;
        const gradient = (await trainer.state.download(variable, RECORDED)).data;
        own.add(now, before.get(key)!.data, signStep(gradient));
        if (step < request.steps) continue;
        const origin = start.get(key)!.data;
        path.add(now, origin, displacement(signEnd.get(key)!.data, origin));
      }
      steps.push(own.value ?? 0);
      before = after;
      if (step === request.steps) tuned = await trainer.logits(request.examples);
    },
  );
  const change = { ...signed!, data: signed!.data.map((f, i) => f - f0!.data[i]!) };
  return {
    steps,
    trajectory: path.value ?? 0,
    outputs: linearizationError({ start: f0!, end: tuned!, derivative: change }),
  };
};

/** −sign of a gradient, in its place. */
const signStep = (gradient: Float32Array): Float32Array => {
  for (let i = 0; i < gradient.length; i++) gradient[i] = -Math.sign(gradient[i]!);
  return gradient;
};

/** Overwrites a point by its displacement. */
const displacement = (end: Float32Array, start: Float32Array): Float32Array => {
  for (let i = 0; i < end.length; i++) end[i]! -= start[i]!;
  return end;
};
