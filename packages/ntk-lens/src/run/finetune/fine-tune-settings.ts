import { type OptimizerName, optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { FineTuneSettings } from '../../options/training.js';

export { defaultFineTuneSettings, type FineTuneSettings } from '../../options/training.js';

/** The learning rate where none is given. */
export const defaultLearningRate = (optimizer: OptimizerName): number =>
  optimizerNamed(optimizer).learningRate;

/** The protocol's grid of an optimizer (docs/theory.md, Fine-tuning). */
export const protocolGrid = (
  optimizer: OptimizerName,
): Pick<FineTuneSettings, 'learningRates' | 'batchSizes'> => ({
  learningRates: [...optimizerNamed(optimizer).learningRates],
  batchSizes: [2, 4, 8],
});
