import type { CheckedOptimizer } from '@ntk-lens/lens/defaults';
import type { CheckSettings } from '../../options/check.js';
import { defaultFineTuneSettings, type FineTuneSettings } from '../../options/training.js';

/** The fine-tuning of an optimizer in a check. */
export const trainingOf = (check: CheckSettings, optimizer: CheckedOptimizer): FineTuneSettings => ({
  ...defaultFineTuneSettings,
  space: check.space,
  optimizer,
  learningRates: check[`${optimizer}Rates`],
  batchSizes: check.batchSizes,
  steps: check.steps,
  clipNorm: check.clipNorm,
  dropout: check.dropout,
  trajectory: check.trajectory,
});
