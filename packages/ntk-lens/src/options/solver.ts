import { solverNames } from '@ntk-lens/solvers';
import { group, option } from './declare.js';
import { list, number, oneOf, orInf, text, toggle } from './kinds.js';

const positives = list(number({ above: 0 }));
const times = list(orInf(number({ above: 0 })));
const strengths = list(number({ least: 0 }));
const shares = list(number({ least: 0, most: 1 }));
const losses = list(oneOf(['squared', 'cross-entropy']));
const names = { ...text, choices: [...solverNames, 'auto'] };

/** Solvers and the grids that are searched on dev; an infinite value stands as null in files. */
export const solver = group('run', 'Solver', {
  solver: option('--solver <name,…>', names, 'solves by the best of these on dev', {
    default: 'lstsq',
    identity: 'always',
  }),
  /** Relative to the largest singular value. */
  ridge: option('--ridge <x,…>', strengths, 'chooses the ridge strength among these', {
    default: [0, 0.001, 0.01, 0.1, 1],
    identity: 'always',
  }),
  method: option(
    '--solver-method <name>',
    oneOf(['direct', 'cg']),
    'solves lstsq by a factorization, or by conjugate gradients',
    {
      unset: 'direct',
      identity: 'given',
    },
  ),
  f0Scales: option(
    '--f0-scales <x,…>',
    times,
    'chooses the scale of the zero-shot logits among these; inf leaves them out',
    { default: [10, 100, 1000, 10000, null], identity: 'always' },
  ),
  gamma: option('--gamma <x,…>', positives, 'chooses γ of asym', { unset: '1', identity: 'given' }),
  kappa: option('--kappa <x,…>', shares, 'chooses κ of asym', { unset: '0.5', identity: 'given' }),
  losses: option('--loss <name,…>', losses, 'chooses the loss of gradient-flow', {
    unset: 'squared',
    identity: 'given',
  }),
  times: option(
    '--time <t,…>',
    times,
    'chooses when gradient-flow stops, in steps of rate 1/λ_max; inf is the end',
    { unset: '1,10,100,1000,inf', identity: 'given' },
  ),
  allowIndefinite: option('--allow-indefinite', toggle, 'solves kernels with negative eigenvalues, too', {
    identity: 'given',
  }),
});
