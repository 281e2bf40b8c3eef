import type { OptimizerName } from '@ntk-lens/subspace/optimizers';

/** Optimizers whose kernel view is checked. */
export const checkedOptimizers = ['sgd', 'adam'] as const satisfies readonly OptimizerName[];
export type CheckedOptimizer = (typeof checkedOptimizers)[number];
