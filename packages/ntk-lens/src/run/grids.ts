import type { SolverGrids } from '@ntk-lens/solvers';
import { identityOf } from '../options/identity.js';
import { solver } from '../options/solver.js';

/** The grids among the fields of a larger configuration, as manifests record them; those that are absent stay so. */
export const gridsOf = (config: SolverGrids): SolverGrids =>
  identityOf({ ...config }, solver) as unknown as SolverGrids;
