import { defined } from '@ntk-lens/lens/stored';
import type { SolverGrids } from '@ntk-lens/solvers';

/** The grids among the fields of a larger configuration, as manifests record them; those that are absent stay so. */
export const gridsOf = (config: SolverGrids): SolverGrids => {
  const { solver, ridge, f0Scales, gamma, kappa, losses, times, allowIndefinite } = config;
  return defined({
    ...{ solver, ridge, f0Scales, gamma, kappa, losses, times },
    allowIndefinite: allowIndefinite || undefined,
  });
};
