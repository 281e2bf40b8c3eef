import { type FineTuneOptions, optimizerOptions } from '@ntk-lens/subspace';
import { evaluate } from '@ntk-lens/tasks';
import type { LensTask } from '../task/lens-task.js';
import type { ResolvedTraining, TrainingPoint } from './resolve-training.js';

/** A training at one point of the grid, as options for `fineTune` of `@ntk-lens/subspace`. */
export const pointOptions = (
  { spec, labelWordIds, examples, gold, range, seed }: LensTask,
  { optimizer, momentum, weightDecay, schedule, warmUpSteps, clipNorm, ...training }: ResolvedTraining,
  { learningRate, batchSize }: TrainingPoint,
): Omit<FineTuneOptions, 'runtime' | 'model'> => {
  const { steps, accumulationSteps, dropout, evaluateEvery, patience, trajectory } = training;
  const [metric] = spec.metrics;
  return {
    ...{ labelWordIds, range, seed },
    train: { examples: examples.train, labels: gold.train },
    dev: { examples: examples.dev, labels: gold.dev },
    metric: (predicted, right) => evaluate(spec, predicted, right)[metric] ?? Number.NaN,
    optimizer: optimizerOptions(optimizer.name, { momentum, weightDecay }),
    schedule: { decay: schedule, warmUpSteps },
    clipNorm: clipNorm ?? undefined,
    ...{ learningRate, batchSize, steps, accumulationSteps, dropout, evaluateEvery, patience, trajectory },
  };
};
