import type { OptimizerName } from '@ntk-lens/subspace/optimizers';
import { group, option } from './declare.js';
import { list, oneOf, toggle } from './kinds.js';

/** Names of the parts of the protocol, in the order in which they are shown. */
export const partNames = [
  'tables',
  'behaviour',
  'linearization',
  'distances',
  'paired',
  'prompts',
  'subspaces',
  'solvers',
  'chi',
] as const;
export type PartName = (typeof partNames)[number];

/** Optimizers that the protocol fine-tunes with (docs/theory.md, *Protocol*). */
export const protocolOptimizers = ['sgd', 'adam', 'signgd'] as const satisfies readonly OptimizerName[];
export type ProtocolOptimizer = (typeof protocolOptimizers)[number];

/** The share of the protocol that is computed. */
export const protocol = group('command', 'Protocol', {
  parts: option('--parts <name,…>', list(oneOf(partNames)), 'makes these tables and figures', {
    default: [...partNames],
    unset: 'all',
  }),
  optimizers: option(
    '--optimizer, --optimizers <name,…>',
    list(oneOf(protocolOptimizers)),
    'trains with these optimizers',
    'those whose kernels are computed',
  ),
  grid: option(
    '--grid',
    toggle,
    "takes the protocol's grid of learning rates and batch sizes if none are given",
  ),
  finished: option(
    '--finished',
    toggle,
    'shows finished results, marks the rest as not run, and computes nothing',
  ),
  explain: option(
    '--explain',
    toggle,
    'prints which work is left, shared or finished, with a forecast of the time, and stops',
  ),
});
