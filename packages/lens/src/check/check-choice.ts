import { type OptimizerName, optimizerNamed } from '@ntk-lens/subspace/optimizers';

/** Optimizers whose kernel view is checked. */
export const checkedOptimizers = ['sgd', 'adam'] as const satisfies readonly OptimizerName[];
export type CheckedOptimizer = (typeof checkedOptimizers)[number];

/** The fine-tuning of a check, and its measurements. */
export interface CheckChoice {
  /** Default: both. */
  readonly optimizers?: readonly CheckedOptimizer[];
  /** Learning rates to choose from on dev. Default: the middle of the protocol's grid. */
  readonly sgdRates?: readonly number[];
  readonly adamRates?: readonly number[];
  /** Examples per batch, chosen on dev. Default: 8. */
  readonly batchSizes?: readonly number[];
  /** Optimizer steps of fine-tuning. Default: 100. */
  readonly steps?: number;
  /** Largest global norm of the gradient; null: no limit. Default: 1. */
  readonly clipNorm?: number | null;
  /** Default: true, with the model's probabilities. */
  readonly dropout?: boolean;
  /**
   * Steps after which parameters are kept and looked at; those that follow each other are checked as single steps. Default:
   * the first one, and two at an eighth, a half and the end.
   */
  readonly trajectory?: readonly number[];
  /** First steps over which Adam is held against SignGD. Default: 8. */
  readonly earlySteps?: number;
  /** Test examples on which the trajectory is looked at; θ_T is looked at on all. Default: 64. */
  readonly probes?: number;
}

/**
 * Steps that are looked at: the first one, and the last two before an eighth, a half and the end, so that both single
 * steps and the way from θ₀ are seen.
 */
export const defaultTrajectory = (steps: number): number[] => {
  const ends = [steps / 8, steps / 2, steps].map((step) => Math.max(1, Math.round(step)));
  const all = [1, ...ends.flatMap((end) => [end - 1, end])].filter((step) => step >= 1 && step <= steps);
  return [...new Set(all)].sort((a, b) => a - b);
};

/** The order is that of identities in files. */
export const defaultCheck = {
  optimizers: checkedOptimizers,
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
} as const satisfies CheckChoice & { readonly space: string };
