import type { Command } from 'commander';
import { names, positives, positivesOrInf, shares, strengths } from './parse-value.js';
import type { GivenOptions } from './resolve-config.js';

/** Options that choose among solvers, as commander gives them. */
export interface SolverFlags {
  readonly solver?: string;
  readonly ridge?: readonly number[];
  readonly f0Scales?: readonly (number | null)[];
  readonly gamma?: readonly number[];
  readonly kappa?: readonly number[];
  readonly loss?: readonly ('squared' | 'cross-entropy')[];
  readonly time?: readonly (number | null)[];
  readonly allowIndefinite?: boolean;
}

/** Adds the options that choose among solvers. */
export const addSolverOptions = (command: Command): Command =>
  command
    .optionsGroup('Solver:')
    .option(
      '--solver <name,…>',
      'lstsq, gradient-flow, kernel-logistic, svr, svc, asym, gaussian-process, logistic; of several, or with auto, the best on dev (default: lstsq)',
    )
    .option('--ridge <x,…>', 'ridge strengths to choose from on dev (default: 0,0.001,0.01,0.1,1)', strengths)
    .option(
      '--f0-scales <x,…>',
      'scales of the zero-shot logits to choose from on dev; inf: not used (default: 10,100,1000,10000,inf)',
      positivesOrInf,
    )
    .option('--gamma <x,…>', 'γ of the solver asym to choose from on dev (default: 1)', positives)
    .option('--kappa <x,…>', 'κ of the solver asym to choose from on dev (default: 0.5)', shares)
    .option(
      '--loss <name,…>',
      'losses of the solver gradient-flow to choose from on dev: squared, cross-entropy (default: squared)',
      names(['squared', 'cross-entropy']),
    )
    .option(
      '--time <t,…>',
      'when gradient-flow stops, in steps of learning rate 1/λ_max, to choose from on dev; inf: at its end (default: 1,10,100,1000,inf)',
      positivesOrInf,
    )
    .option('--allow-indefinite', 'solve a kernel with negative eigenvalues instead of refusing it');

/** Flags as fields of a configuration; those not given are left out. */
export const solverFields = ({
  solver,
  ridge,
  f0Scales,
  gamma,
  kappa,
  loss,
  time,
  allowIndefinite,
}: SolverFlags): GivenOptions => ({
  ...(solver !== undefined && { solver }),
  ...(ridge && { ridge: [...ridge] }),
  ...(f0Scales && { f0Scales: [...f0Scales] }),
  ...(gamma && { gamma: [...gamma] }),
  ...(kappa && { kappa: [...kappa] }),
  ...(loss && { losses: [...loss] }),
  ...(time && { times: [...time] }),
  ...(allowIndefinite === true && { allowIndefinite }),
});
