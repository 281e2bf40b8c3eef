import { KernelSolver } from '../definition/kernel-solver.js';
import { objectField, savedSolver } from '../definition/saved.js';
import { SolverJsonError } from '../errors.js';
import {
  type AnySolver,
  type OptionsOf,
  type SolutionOf,
  type SolverChoice,
  solverOf,
  solvers,
} from '../solvers/index.js';

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
  const known: readonly AnySolver[] = [...own, ...solvers];
  const solver = known.find(({ name }) => name === fields.solver);
  if (!solver) {
    const names = known.map(({ name }) => name).join(', ');
    throw new SolverJsonError(`solver ${String(fields.solver)}`, `one of ${names}`);
  }
  return new KernelSolver(solver, objectField(fields, 'options')).restore(fields);
};
