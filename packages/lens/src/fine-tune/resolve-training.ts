import { BadArgumentError, withDefaults } from '@ntk-lens/core';
import { learningRateAt, type NamedOptimizer, optimizerNamed } from '@ntk-lens/subspace';
import { defaultTraining, type Training } from './training.js';

type Filled = Exclude<keyof typeof defaultTraining, 'optimizer'>;

/** A training with its optimizer as a value, and nothing left to a default. */
export type ResolvedTraining = Omit<Training, 'optimizer'> &
  Required<Pick<Training, Filled>> & { readonly optimizer: NamedOptimizer };

/** The settings that differ between the points of a grid. */
export interface TrainingPoint {
  readonly learningRate: number;
  readonly batchSize: number;
}

/** The points of the grid, in the order in which they are trained. */
export const pointsOf = ({ learningRates, batchSizes }: ResolvedTraining): readonly TrainingPoint[] =>
  learningRates.flatMap((learningRate) => batchSizes.map((batchSize) => ({ learningRate, batchSize })));

/**
 * Fills in the defaults of a training. Needs neither a model nor a task.
 *
 * @example
 * ```ts
 * const { optimizer, steps } = resolveTraining({ optimizer: 'adam' });
 * optimizer.kernels.main; // the formula of the kernel that is its analogue
 * steps; // 200
 * ```
 * @throws BadArgumentError for an unknown optimizer, an empty grid, and a warm-up that is longer than the training
 */
export const resolveTraining = (given: Training = {}): ResolvedTraining => {
  const optimizer = optimizerNamed(given.optimizer ?? defaultTraining.optimizer);
  const defaults: Required<Pick<Training, Filled>> = {
    ...defaultTraining,
    learningRates: [optimizer.learningRate],
  };
  const training = { ...withDefaults(defaults, given), optimizer };
  const { schedule, warmUpSteps, steps } = training;
  for (const name of ['learningRates', 'batchSizes'] as const)
    if (training[name].length === 0) throw new BadArgumentError(name, 'an empty list', 'at least one number');
  learningRateAt({ decay: schedule, warmUpSteps }, training.learningRates[0]!, 1, steps);
  return training;
};
