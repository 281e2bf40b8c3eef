import { group, option } from './declare.js';
import { list, number, oneOf, orInf, text, toggle } from './kinds.js';

const positive = number({ above: 0 });

/** Solvers and the grids that they search on dev. */
export const solver = group('run', 'Solver', {
  /** Names separated by commas, or `auto`; chosen on dev. */
  solver: option(
    '--solver <name,…>',
    text,
    'solves by lstsq, gradient-flow, kernel-logistic, svr, svc, asym, gaussian-process or logistic; of several, or with auto, by the best on dev',
    { default: 'lstsq', identity: 'always' },
  ),
  /** Relative to the largest singular value. */
  ridge: option(
    '--ridge <x,…>',
    list(number({ least: 0 })),
    'chooses the ridge strength on dev among these',
    {
      default: [0, 0.001, 0.01, 0.1, 1],
      identity: 'always',
    },
  ),
  /** null: f₀ not used. */
  f0Scales: option(
    '--f0-scales <x,…>',
    list(orInf(positive)),
    'chooses the scale of the zero-shot logits on dev among these; inf does not use them',
    { default: [10, 100, 1000, 10000, null], identity: 'always' },
  ),
  gamma: option('--gamma <x,…>', list(positive), 'chooses γ of the solver asym on dev among these', {
    unset: '1',
    identity: {},
  }),
  kappa: option(
    '--kappa <x,…>',
    list(number({ least: 0, most: 1 })),
    'chooses κ of the solver asym on dev among these',
    { unset: '0.5', identity: {} },
  ),
  losses: option(
    '--loss <name,…>',
    list(oneOf(['squared', 'cross-entropy'])),
    'chooses the loss of the solver gradient-flow on dev among squared and cross-entropy',
    { unset: 'squared', identity: {} },
  ),
  /** In 1/λ_max; null: to the end. */
  times: option(
    '--time <t,…>',
    list(orInf(positive)),
    'chooses on dev when gradient-flow stops, in steps of learning rate 1/λ_max; inf is its end',
    { unset: '1,10,100,1000,inf', identity: {} },
  ),
  allowIndefinite: option(
    '--allow-indefinite',
    toggle,
    'solves a kernel with negative eigenvalues instead of refusing it',
    { identity: { plain: false } },
  ),
});
