import { BadArgumentError } from '@ntk-lens/core';
import { type AsymOptions, AsymSolver } from './asym.js';
import { SolverJsonError } from './errors.js';
import { type GaussianProcessOptions, GaussianProcessSolver } from './gaussian-process.js';
import { type GradientFlowOptions, GradientFlowSolver } from './gradient-flow.js';
import { type KernelLogisticOptions, KernelLogisticSolver } from './kernel-logistic.js';
import { type LogisticOptions, LogisticSolver } from './logistic.js';
import { type LstsqOptions, LstsqSolver } from './lstsq.js';
import type { KernelSolver } from './solver.js';
import { type SvcOptions, SvcSolver } from './svc.js';
import { type SvrOptions, SvrSolver } from './svr.js';

interface OptionsByName {
  readonly lstsq: LstsqOptions;
  readonly 'gaussian-process': GaussianProcessOptions;
  readonly 'gradient-flow': GradientFlowOptions;
  readonly 'kernel-logistic': KernelLogisticOptions;
  readonly svr: SvrOptions;
  readonly svc: SvcOptions;
  readonly logistic: LogisticOptions;
  readonly asym: AsymOptions;
}

export type SolverName = keyof OptionsByName;

/** A solver with its hyperparameters, as plain data. */
export type SolverSpec = {
  readonly [Name in SolverName]: { readonly solver: Name } & OptionsByName[Name];
}[SolverName];

const classes: {
  readonly [Name in SolverName]: {
    new (options: OptionsByName[Name]): KernelSolver;
    fromJSON(json: unknown): KernelSolver;
  };
} = {
  lstsq: LstsqSolver,
  'gaussian-process': GaussianProcessSolver,
  'gradient-flow': GradientFlowSolver,
  'kernel-logistic': KernelLogisticSolver,
  svr: SvrSolver,
  svc: SvcSolver,
  logistic: LogisticSolver,
  asym: AsymSolver,
};

/** Names of all solvers, simplest first. */
export const solverNames = Object.keys(classes) as readonly SolverName[];

const isSolverName = (name: unknown): name is SolverName =>
  typeof name === 'string' && Object.hasOwn(classes, name);

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
  if (!isSolverName(solver)) {
    throw new BadArgumentError('solver', solver, `one of ${solverNames.join(', ')}`);
  }
  const Solver: new (options: object) => KernelSolver = classes[solver];
  return new Solver(options);
};

/** Reads any solver that `toJSON` wrote; throws {@link SolverJsonError} for anything else. */
export const solverFromJSON = (json: unknown): KernelSolver => {
  const name = typeof json === 'object' && json !== null && 'solver' in json ? json.solver : undefined;
  if (!isSolverName(name)) {
    throw new SolverJsonError(`solver ${String(name)}`, `one of ${solverNames.join(', ')}`);
  }
  return classes[name].fromJSON(json);
};
