import type { SolverGrids } from '@ntk-lens/solvers';

/** The grids among the fields of a larger configuration; those that are absent stay so. */
export const gridsOf = (config: SolverGrids): SolverGrids => {
  const { solver, ridge, f0Scales, gamma, kappa, losses, times, allowIndefinite } = config;
  return {
    solver,
    ridge,
    f0Scales,
    ...(gamma && { gamma }),
    ...(kappa && { kappa }),
    ...(losses && { losses }),
    ...(times && { times }),
    ...(allowIndefinite && { allowIndefinite }),
  };
};
