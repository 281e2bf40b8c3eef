import { type CheckedOptimizer, checkedOptimizers, defaultTrajectory } from '@ntk-lens/lens/defaults';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import { z } from 'zod';
import { defaultFineTuneSettings, type FineTuneSettings } from '../finetune/fine-tune-settings.js';

const count = z.int().min(1);
const rates = z.array(z.number().positive()).min(1);

/** What `ntk-lens check` is asked to do besides task and model. */
export const checkSettingsSchema = z.strictObject({
  optimizers: z.array(z.enum(checkedOptimizers)).min(1),
  /** As `--space` takes it. */
  space: z.string().min(1),
  /** Learning rates to choose from on dev. */
  sgdRates: rates,
  adamRates: rates,
  batchSizes: z.array(count).min(1),
  /** Optimizer steps of fine-tuning. */
  steps: count,
  clipNorm: z.number().positive().nullable(),
  dropout: z.boolean(),
  /** Steps after which parameters are kept and looked at. */
  trajectory: z.array(count).min(1),
  /** First steps over which Adam is held against SignGD. */
  earlySteps: count,
  /** Test examples on which the trajectory is looked at; θ_T is looked at on all. */
  probes: count,
});

/** Settings of a check; `config.json` holds them beside the `RunConfig`. */
export type CheckSettings = z.infer<typeof checkSettingsSchema>;

/** All parameters, both optimizers at the middle of the protocol's grid (docs/theory.md, Fine-tuning), 100 steps. */
export const defaultCheckSettings: CheckSettings = {
  optimizers: [...checkedOptimizers],
  space: 'full',
  sgdRates: [optimizerNamed('sgd').learningRate],
  adamRates: [optimizerNamed('adam').learningRate],
  batchSizes: [8],
  steps: 100,
  clipNorm: 1,
  dropout: true,
  trajectory: defaultTrajectory(100),
  earlySteps: 8,
  probes: 64,
};

/** How an optimizer fine-tunes in a check. */
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
