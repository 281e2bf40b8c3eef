import { group, option } from './declare.js';
import { toggle } from './kinds.js';

/** Kernels that are never written out. */
export const matrixFree = group('run', 'Matrix-free', {
  matrixFree: option(
    '--matrix-free',
    toggle,
    'multiplies with the kernel by passes over the examples and never stores it, for more examples than an N × N array can hold. It takes linear formulas (sgd, adam) and solves by conjugate gradients or gradient-flow',
    { identity: 'given' },
  ),
});
