import type { KernelFormula } from './formula.js';
import { signMap } from './gradient-map.js';

/**
 * K(ξ, ξ') = ⟨sign ∇f(ξ), sign ∇f(ξ')⟩: a symmetric stand-in for {@link aSignGd} (docs/theory.md, Kernels). Its entries
 * count coordinates. Choose it for fine-tuning with Adam and more than two labels, or where a solver needs a symmetric
 * kernel.
 */
export const signGd = {
  name: 'signgd',
  title: 'SignGD',
  purpose: 'for Adam where a solver needs a symmetric kernel, with any number of labels',
  train: signMap,
  query: signMap,
} as const satisfies KernelFormula;
