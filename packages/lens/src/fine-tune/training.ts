import { type OptimizerName, optimizerNamed } from '@ntk-lens/subspace/optimizers';

/**
 * Settings of a fine-tuning: everything that the result depends on in addition to the model, the task and the
 * space.
 */
export interface Training {
  /** Default: `sgd`. */
  readonly optimizer?: OptimizerName;
  /** Learning rates to choose from on dev. Default: the one of the protocol's grid that fits the optimizer. */
  readonly learningRates?: readonly number[];
  /** Examples per batch, chosen on dev. Default: 8. */
  readonly batchSizes?: readonly number[];
  /** Batches whose gradients make one step. Default: 1. */
  readonly accumulationSteps?: number;
  /** Optimizer steps. Default: 200. */
  readonly steps?: number;
  /** Schedule of the learning rate. Default: `linear`. */
  readonly schedule?: 'linear' | 'constant';
  /** Steps over which the learning rate rises from 0. Default: 0. */
  readonly warmUpSteps?: number;
  /** Largest global norm of the gradient; null: no limit. Default: 1. */
  readonly clipNorm?: number | null;
  /** Default: true, with the model's probabilities. */
  readonly dropout?: boolean;
  /** Momentum and weight decay, for optimizers that take them. Default: those of the optimizer. */
  readonly momentum?: number;
  readonly weightDecay?: number;
  /** Steps between evaluations on dev. Default: a tenth of all. */
  readonly evaluateEvery?: number;
  /** Evaluations in a row without a better score after which training stops. Default: it does not. */
  readonly patience?: number;
  /** Initialization of the classifier of a task without a prompt. Default: `random`. */
  readonly standard?: 'random' | 'probe';
  /** Steps after which parameters are kept, 0 for the start; needs a directory. */
  readonly trajectory?: readonly number[];
}

/** SGD at the middle of the protocol's grid (docs/theory.md, Fine-tuning). The order is that of identities in files. */
export const defaultTraining = {
  optimizer: 'sgd',
  learningRates: [optimizerNamed('sgd').learningRate],
  batchSizes: [8],
  accumulationSteps: 1,
  steps: 200,
  schedule: 'linear',
  warmUpSteps: 0,
  clipNorm: 1,
  dropout: true,
} as const satisfies Training;
