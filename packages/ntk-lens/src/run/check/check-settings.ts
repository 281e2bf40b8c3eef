import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import { z } from 'zod';
import { defaultFineTuneSettings, type FineTuneSettings } from '../finetune/fine-tune-settings.js';
import { type CheckedOptimizer, checkedOptimizers } from './checked-optimizers.js';

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

/**
 * Steps that are looked at: the first one, and the last two before an eighth, a half and the end, so that both single
 * steps and the way from θ₀ are seen.
 */
export const defaultTrajectory = (steps: number): number[] => {
  const ends = [steps / 8, steps / 2, steps].map((step) => Math.max(1, Math.round(step)));
  const all = [1, ...ends.flatMap((end) => [end - 1, end])].filter((step) => step >= 1 && step <= steps);
  return [...new Set(all)].sort((a, b) => a - b);
};

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
