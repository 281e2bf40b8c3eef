import { BadArgumentError } from '@ntk-lens/core';
import { type SolverName, type SolverSpec, solverGrid, solverNames } from '@ntk-lens/solvers';

/** Grids that a run searches. */
export interface SolverGrids {
  readonly solver: string;
  readonly ridge: readonly number[];
  /** null: f₀ not used. */
  readonly f0Scales: readonly (number | null)[];
}

/** @throws BadArgumentError, which lists the solvers */
export const knownSolver = (name: string): SolverName => {
  const known = solverNames.find((other) => other === name);
  if (known === undefined) throw new BadArgumentError('--solver', name, `one of ${solverNames.join(', ')}`);
  return known;
};

/** Label solvers start from nothing: they have no place for the pre-trained logits. */
const withoutF0: readonly SolverName[] = ['svc', 'logistic'];

/**
 * The specifications to choose from on dev: the grids, as far as the solver has such an option.
 *
 * @param useF0 false when the logits of the pre-trained model are not known
 */
export const solverCandidates = (grids: SolverGrids, useF0: boolean): readonly SolverSpec[] => {
  const solver = knownSolver(grids.solver);
  const scales = useF0 ? grids.f0Scales : [null];
  const f0Scale = scales.map((scale) => scale ?? Number.POSITIVE_INFINITY);
  if (withoutF0.includes(solver)) return solverGrid(solver as 'svc', { ridge: grids.ridge });
  if (solver === 'gradient-flow') return solverGrid(solver, { f0Scale });
  if (solver === 'kernel-logistic') {
    // Without a penalty separable data have no minimum.
    const ridge = grids.ridge.filter((strength) => strength > 0);
    return solverGrid(solver, { ...(ridge.length > 0 && { ridge }), f0Scale });
  }
  return solverGrid(solver as 'lstsq', { ridge: grids.ridge, f0Scale });
};
