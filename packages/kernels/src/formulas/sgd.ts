import type { KernelFormula } from './formula.js';
import { identityMap } from './gradient-map.js';

/**
 * The empirical neural tangent kernel, K(ξ, ξ') = ⟨∇f(ξ), ∇f(ξ')⟩. It is the first-order effect of a step of
 * SGD on one example on another's output (docs/theory.md, Kernels). Choose it for fine-tuning with SGD, and
 * where in doubt.
 */
export const sgd = {
  name: 'sgd',
  title: 'SGD',
  purpose: 'for fine-tuning with SGD, and where in doubt',
  train: identityMap,
  query: identityMap,
} as const satisfies KernelFormula;
