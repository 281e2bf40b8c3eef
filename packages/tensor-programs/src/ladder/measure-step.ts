import type { EncodedExample, LongTaskOptions } from '@ntk-lens/core';
import { ndarray } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { computeKernelBlocks, directionalDerivatives, weightDifference } from '@ntk-lens/kernels';
import { forwardLogits, type LabelWordIds, type LanguageModel } from '@ntk-lens/models';
import { fineTune, type OptimizerName, optimizerNamed } from '@ntk-lens/subspace';
import { kernelChange } from '../features/kernel-change.js';
import { linearizationError } from '../linearization/linearization-error.js';
import type { LadderRung } from './ladder-rung.js';

/** The task of a ladder check: a few labelled prompts to step on, and prompts to look at. */
export interface LadderTask {
  readonly labelWordIds: LabelWordIds;
  readonly train: { readonly examples: readonly EncodedExample[]; readonly labels: readonly number[] };
  readonly queries: { readonly examples: readonly EncodedExample[]; readonly labels: readonly number[] };
}

/** The changes that a few optimizer steps on all training prompts make to a model. */
export interface StepMeasurement {
  readonly learningRate: number;
  /** Root mean square of f(·; θ_T) − f(·; θ₀) over queries and outputs. */
  readonly change: number;
  /** Root mean square of what is left of it when ⟨∇f(·; θ₀), θ_T − θ₀⟩ is taken away. */
  readonly absoluteError: number;
  /** That, as a part of the change. */
  readonly relativeError: number;
  /** ‖K_T − K₀‖ / ‖K₀‖ of the SGD kernel of the training prompts, with the parametrization's learning rates. */
  readonly kernelChange: number;
}

export interface MeasureStepOptions extends LongTaskOptions {
  readonly runtime: Runtime;
  readonly rung: LadderRung;
  readonly model: LanguageModel;
  readonly task: LadderTask;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  /** Steps, each on all training prompts. */
  readonly steps: number;
}

const rms = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum / values.length);
};

const tune = ({ runtime, rung, model, task, optimizer, learningRate, steps, signal }: MeasureStepOptions) =>
  fineTune({
    runtime,
    model,
    labelWordIds: task.labelWordIds,
    train: task.train,
    optimizer: { name: optimizer },
    learningRate,
    learningRateScale: rung.learningRateScale(optimizerNamed(optimizer).stepKind),
    schedule: { decay: 'constant' },
    steps,
    batchSize: task.train.examples.length,
    dropout: false,
    signal,
  });

/**
 * The kernel that SGD with the parametrization's learning rates has: Σ_p r_p ⟨∂f/∂p, ∂f/∂p⟩, `[n, C, n, C]`.
 */
export const weightedKernel = async (
  { runtime, rung, task, signal }: Pick<MeasureStepOptions, 'runtime' | 'rung' | 'task' | 'signal'>,
  model: LanguageModel,
) => {
  const blocks = await computeKernelBlocks(
    {
      runtime,
      model,
      formula: 'sgd',
      labelWordIds: task.labelWordIds,
      train: task.train.examples,
      queries: {},
      signal,
    },
    'parameter',
  );
  const rate = rung.learningRateScale('sgd');
  let sum: Float64Array | undefined;
  let shape: readonly number[] = [];
  for (const [parameter, { train }] of Object.entries(blocks)) {
    const { data } = train.kernel;
    shape = train.kernel.shape;
    sum ??= new Float64Array(data.length);
    const factor = rate(parameter);
    for (let i = 0; i < data.length; i++) sum[i]! += factor * data[i]!;
  }
  return ndarray<'float64'>(sum!, shape);
};

/**
 * Size of the first-order change of the outputs in a single step, root mean square over queries. It is
 * proportional to the learning rate, so that one can be chosen.
 */
export const firstOrderChange = async (options: Omit<MeasureStepOptions, 'steps'>): Promise<number> => {
  const { runtime, model, task, signal } = options;
  const tuned = await tune({ ...options, steps: 1 });
  const { derivatives } = await directionalDerivatives({
    runtime,
    model,
    examples: task.queries.examples,
    labelWordIds: task.labelWordIds,
    directions: [weightDifference(tuned.model, model)],
    signal,
  });
  return rms(derivatives[0]!.data);
};

/**
 * Linearization and fixed features (docs/theory.md, Kernel behaviour) of a few full-batch steps from θ₀.
 *
 * @param kernel K₀, as {@link weightedKernel} gives it
 */
export const measureStep = async (
  options: MeasureStepOptions,
  kernel: Awaited<ReturnType<typeof weightedKernel>>,
): Promise<StepMeasurement> => {
  const { runtime, model, task, signal, learningRate } = options;
  const tuned = await tune(options);
  const examples = task.queries.examples;
  const request = { runtime, examples, labelWordIds: task.labelWordIds, signal };
  const { logits: start, derivatives } = await directionalDerivatives({
    ...request,
    model,
    directions: [weightDifference(tuned.model, model)],
  });
  const end = await forwardLogits({ ...request, model: tuned.model });
  const derivative = derivatives[0]!;
  const change = rms(end.data.map((f, i) => f - start.data[i]!));
  const relativeError = linearizationError({ start, end, derivative }).relative ?? 0;
  const after = await weightedKernel(options, tuned.model);
  return {
    learningRate,
    change,
    absoluteError: relativeError * change,
    relativeError,
    kernelChange: kernelChange(after, kernel).frobenius,
  };
};
