import { type OptimizerName, optimizerNamed, optimizerNames } from '@ntk-lens/subspace/optimizers';
import { z } from 'zod';

const count = z.int().min(1);
const rate = z.number().positive();

/** What `ntk-lens finetune` is asked to do besides task and model. */
export const fineTuneSettingsSchema = z.strictObject({
  /** As `--space` takes it. */
  space: z.string().min(1),
  optimizer: z.enum(optimizerNames),
  momentum: z.number().min(0).lt(1).optional(),
  weightDecay: z.number().min(0).optional(),
  /** Learning rates and batch sizes to choose from on dev. */
  learningRates: z.array(rate).min(1),
  batchSizes: z.array(count).min(1),
  accumulationSteps: count,
  steps: count,
  schedule: z.enum(['linear', 'constant']),
  warmUpSteps: z.int().min(0),
  /** Largest global norm of the gradient; null: no limit. */
  clipNorm: z.number().positive().nullable(),
  dropout: z.boolean(),
  /** Steps between evaluations on dev; absent: a tenth of all. */
  evaluateEvery: count.optional(),
  patience: count.optional(),
  /** Absent: prompts and the language-model head. Else no prompt, and a classifier that starts like this. */
  standard: z.enum(['random', 'probe']).optional(),
  /** Steps after which parameters are kept. */
  trajectory: z.array(z.int().min(0)).min(1).optional(),
});

/** Settings of a fine-tuning experiment; `config.json` holds them beside the `RunConfig`. */
export type FineTuneSettings = z.infer<typeof fineTuneSettingsSchema>;

/** All parameters, SGD, the middle of the protocol's grid (docs/theory.md, Fine-tuning). */
export const defaultFineTuneSettings: FineTuneSettings = {
  space: 'full',
  optimizer: 'sgd',
  learningRates: [optimizerNamed('sgd').learningRate],
  batchSizes: [8],
  accumulationSteps: 1,
  steps: 200,
  schedule: 'linear',
  warmUpSteps: 0,
  clipNorm: 1,
  dropout: true,
};

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
