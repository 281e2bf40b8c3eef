import { BadArgumentError } from '@ntk-lens/core';
import { KernelSolver } from '../definition/kernel-solver.js';
import { objectField, savedSolver } from '../definition/saved.js';
import { SolverJsonError } from '../errors.js';
import {
  type AnySolver,
  type OptionsOf,
  type SolutionOf,
  type SolverChoice,
  solverNamed,
  solverNames,
} from '../solvers/index.js';

/**
 * A solver by its name, or the solver itself.
 *
 * @throws BadArgumentError for an unknown name; it lists the known ones
 */
export const solverOf = (solver: SolverChoice): AnySolver => {
  const found = typeof solver === 'object' ? solver : solverNamed(solver);
  if (!found) throw new BadArgumentError('solver', solver, `one of ${solverNames.join(', ')}`);
  return found;
};

/**
 * A solver from plain data, as a configuration file or a grid holds it.
 *
 * @example
 * ```ts
 * const solver = createSolver({ solver: 'lstsq', ridge: 0.01 });
 * ```
 * @throws BadArgumentError for an unknown name, and for an option that the solver lacks or out of range
 */
export const createSolver = <C extends SolverChoice>({
  solver,
  ...options
}: { readonly solver: C } & OptionsOf<NoInfer<C>>): KernelSolver<OptionsOf<C>, SolutionOf<C>> =>
  new KernelSolver(solverOf(solver), options) as KernelSolver<OptionsOf<C>, SolutionOf<C>>;

/**
 * Reads any solver that `toJSON` wrote.
 *
 * @param own solvers of your own that it may be
 * @throws SolverJsonError for anything else
 */
export const solverFromJSON = (json: unknown, own: readonly AnySolver[] = []): KernelSolver => {
  const fields = savedSolver(json);
  const solver = own.find(({ name }) => name === fields.solver) ?? solverNamed(fields.solver);
  if (!solver) {
    const names = [...solverNames, ...own.map(({ name }) => name)];
    throw new SolverJsonError(`solver ${String(fields.solver)}`, `one of ${names.join(', ')}`);
  }
  return new KernelSolver(solver, objectField(fields, 'options')).restore(fields);
};
