import type { EncodedExample, LongTaskOptions, NDArray } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { directionalDerivatives } from '@ntk-lens/kernels';
import {
  DEFAULT_MEMORY,
  forwardLogits,
  type LabelWordIds,
  type LanguageModel,
  weightBytesOf,
  withWordRows,
  wordRowsOf,
} from '@ntk-lens/models';
import type { SpaceModel } from '@ntk-lens/subspace';
import type { TrajectoryPoint } from '../trajectory/trajectory-point.js';
import { directionBetween, kernelSpaceAt } from '../trajectory/weights-at.js';
import { type LinearizationError, linearizationError } from './linearization-error.js';

export interface MeasureOptions extends LongTaskOptions {
  readonly runtime: Runtime;
  /** The start of training: the model in its space at θ₀. */
  readonly space: SpaceModel;
  readonly examples: readonly EncodedExample[];
  /** Token ids of the label words, in label order. */
  readonly labelWordIds: LabelWordIds;
  /** Budget in bytes for everything, weights included. Default: 4 GiB. */
  readonly memory?: number;
}

/** f and its linearization at one point. */
export interface LinearizedPoint {
  readonly step: number;
  /** f(·; θ_t) `[n, C]`. */
  readonly logits: NDArray<'float64'>;
  /** ⟨∇f(·; θ_s), θ_t − θ_s⟩ `[n, C]`. */
  readonly derivative: NDArray<'float64'>;
  readonly error: LinearizationError;
}

export interface MeasuredLinearization {
  /** f(·; θ₀) `[n, C]`. */
  readonly start: NDArray<'float64'>;
  readonly points: readonly LinearizedPoint[];
}

/** Share of the budget for directions: as many points as that share one backward pass. */
const SHARE_OF_DIRECTIONS = 1 / 8;

/** Points whose directions, which are read stage by stage, fit that share together. */
const pointsTogether = ({
  space,
  examples,
  labelWordIds,
  memory = DEFAULT_MEMORY,
}: MeasureOptions): number => {
  const { model } = space.kernel;
  const stages = withWordRows(model.stages(labelWordIds), wordRowsOf(examples, model.config));
  const largest = Math.max(...stages.map((stage) => weightBytesOf(model, [stage])));
  return Math.max(1, Math.floor((SHARE_OF_DIRECTIONS * memory) / largest));
};

/**
 * f linearized at θ₀, f_lin(ξ; θ_t) = f(ξ; θ₀) + ⟨∇f(ξ; θ₀), θ_t − θ₀⟩, against f(ξ; θ_t) at points of a training
 * (docs/theory.md, Kernel behaviour and Thresholds), in any parameter space.
 *
 * @example
 * ```ts
 * const { start, points } = await measureLinearization({ runtime, space, examples, labelWordIds, points: trajectory });
 * points.at(-1)!.error.relative;
 * ```
 * @param request with f(·; θ_t) of these examples by step, as far as it is `known` from elsewhere
 */
export const measureLinearization = async ({
  points,
  known,
  ...options
}: MeasureOptions & {
  readonly points: readonly TrajectoryPoint[];
  readonly known?: ReadonlyMap<number, NDArray<'float64'>>;
}): Promise<MeasuredLinearization> => {
  const { space, ...common } = options;
  const together = pointsTogether(options);
  const measured: LinearizedPoint[] = [];
  let start: NDArray<'float64'> | undefined;
  for (let from = 0; from < Math.max(1, points.length); from += together) {
    const group = points.slice(from, from + together);
    const models = await Promise.all(group.map((point) => point.open()));
    const directions = await Promise.all(models.map((model) => directionBetween(space, space, model)));
    const { logits, derivatives } = await directionalDerivatives({
      ...common,
      ...weightsOf(space.kernel),
      directions,
    });
    start = logits;
    for (const [k, { step }] of group.entries()) {
      const end = known?.get(step) ?? (await forwardLogits({ ...common, model: models[k]! }));
      const derivative = derivatives[k]!;
      measured.push({
        step,
        logits: end,
        derivative,
        error: linearizationError({ start: logits, end, derivative }),
      });
    }
  }
  return { start: start!, points: measured };
};

/** One optimizer step, or a few, of a training. */
export interface StepPair {
  readonly from: TrajectoryPoint;
  readonly to: TrajectoryPoint;
}

/** The error of predicting one step's change from the gradient where it starts. */
export interface MeasuredStep {
  readonly from: number;
  readonly to: number;
  readonly error: LinearizationError;
}

/**
 * f(ξ; θ_t) − f(ξ; θ_{t−1}) against ⟨∇f(ξ; θ_{t−1}), θ_t − θ_{t−1}⟩ for steps along a training.
 *
 * @param request with what {@link measureLinearization} found on the same examples: it has outputs after these steps,
 *   and the step from θ₀ is a point of it
 */
export const measureSteps = async ({
  pairs,
  measured,
  ...options
}: MeasureOptions & {
  readonly pairs: readonly StepPair[];
  readonly measured?: MeasuredLinearization;
}): Promise<readonly MeasuredStep[]> => {
  const { space, ...common } = options;
  const steps: MeasuredStep[] = [];
  for (const { from, to } of pairs) {
    const known = measured?.points.find(({ step }) => step === to.step);
    if (known && from.step === 0) {
      steps.push({ from: 0, to: to.step, error: known.error });
      continue;
    }
    const [before, after]: LanguageModel[] = await Promise.all([from.open(), to.open()]);
    const { logits, derivatives } = await directionalDerivatives({
      ...common,
      ...weightsOf(await kernelSpaceAt(space, before!)),
      directions: [await directionBetween(space, before!, after!)],
    });
    const end = known?.logits ?? (await forwardLogits({ ...common, model: after! }));
    steps.push({
      from: from.step,
      to: to.step,
      error: linearizationError({ start: logits, end, derivative: derivatives[0]! }),
    });
  }
  return steps;
};

/** Directions are in the weights themselves: a projection has no part in them. */
const weightsOf = ({ model, parameters }: SpaceModel['kernel']) => ({
  model,
  parameters,
});
