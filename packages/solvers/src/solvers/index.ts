import { BadArgumentError } from '@ntk-lens/core';
import type { SolverDefinition } from '../definition/solver-definition.js';
import type { KernelChecks } from '../kernel/analysis.js';
import * as all from './all.js';

export * from './all.js';

// biome-ignore lint/suspicious/noExplicitAny: options and solutions of any solver
export type AnySolver = SolverDefinition<string, any, any>;

type NamedSolver = Extract<(typeof all)[keyof typeof all], AnySolver>;

export type SolverName = NamedSolver['name'];

/** A solver by its name, or the solver itself. */
export type SolverChoice = SolverName | AnySolver;

type DefinitionOf<C> = C extends SolverName ? Extract<NamedSolver, { readonly name: C }> : C;

/** Options of a solver. */
export type OptionsOf<C> =
  DefinitionOf<C> extends SolverDefinition<string, infer O, infer _S> ? Partial<O> & KernelChecks : never;

/** The solution of a solver. */
export type SolutionOf<C> =
  DefinitionOf<C> extends SolverDefinition<string, infer _O, infer S extends object> ? S : never;

/** A solver with its options, as plain data. */
export type SolverSpec<C extends SolverChoice = SolverName> = C extends SolverChoice
  ? { readonly solver: C } & OptionsOf<C>
  : never;

/** A candidate of a selection: a solver by its name, or one of your own, with its options. */
export type CandidateSpec =
  | SolverSpec
  // biome-ignore lint/suspicious/noExplicitAny: options of any solver
  | { readonly solver: AnySolver; readonly [option: string]: any };

const isSolver = (value: (typeof all)[keyof typeof all]): value is NamedSolver => 'solve' in value;

/** Every solver, simplest first. */
export const solvers: readonly NamedSolver[] = Object.values(all)
  .filter(isSolver)
  .sort((a, b) => a.complexity - b.complexity);

/** Names of all solvers, simplest first. */
export const solverNames: readonly SolverName[] = solvers.map(({ name }) => name);

/**
 * A solver as a value, with its name, objective, options and advice on when to choose it.
 *
 * @example
 * ```ts
 * solverOf('svc').fits; // 'labels'
 * ```
 * @throws BadArgumentError for an unknown name; it lists the known ones
 */
export const solverOf = (solver: SolverChoice): AnySolver => {
  const found = typeof solver === 'object' ? solver : solvers.find(({ name }) => name === solver);
  if (!found) throw new BadArgumentError('solver', solver, `one of ${solverNames.join(', ')}`);
  return found;
};
