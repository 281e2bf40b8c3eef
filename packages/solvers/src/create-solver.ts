import { BadArgumentError } from '@ntk-lens/core';
import { SolverJsonError } from './errors.js';
import { type LstsqOptions, LstsqSolver } from './lstsq.js';
import type { KernelSolver } from './solver.js';

/** A solver with its hyperparameters, as plain data. */
export type SolverSpec = { readonly solver: 'lstsq' } & LstsqOptions;

export type SolverName = SolverSpec['solver'];

/** Names of all solvers, simplest first. */
export const solverNames: readonly SolverName[] = ['lstsq'];

/**
 * A solver from plain data, as a configuration file or a grid holds it.
 *
 * @example
 * ```ts
 * const solver = createSolver({ solver: 'lstsq', ridge: 0.01 });
 * ```
 * @throws BadArgumentError for an unknown name or an option out of range
 */
export const createSolver = (spec: SolverSpec): KernelSolver => {
  const { solver, ...options } = spec;
  switch (solver) {
    case 'lstsq':
      return new LstsqSolver(options);
    default:
      throw new BadArgumentError('solver', solver, `one of ${solverNames.join(', ')}`);
  }
};

/** Reads any solver that `toJSON` wrote; throws {@link SolverJsonError} for anything else. */
export const solverFromJSON = (json: unknown): KernelSolver => {
  const name = typeof json === 'object' && json !== null && 'solver' in json ? json.solver : undefined;
  switch (name) {
    case 'lstsq':
      return LstsqSolver.fromJSON(json);
    default:
      throw new SolverJsonError(`solver ${String(name)}`, `one of ${solverNames.join(', ')}`);
  }
};
