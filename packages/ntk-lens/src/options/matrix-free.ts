import { group, option } from './declare.js';
import { toggle } from './kinds.js';

/** Kernels that are never written out. */
export const matrixFree = group('run', 'Matrix-free', {
  matrixFree: option(
    '--matrix-free',
    toggle,
    'multiplies with the kernel by passes over the examples and never writes it out: for more examples than an N × N array has room for. Takes linear formulas (sgd, adam), and solves by conjugate gradients and gradient-flow',
    { identity: 'given' },
  ),
});
