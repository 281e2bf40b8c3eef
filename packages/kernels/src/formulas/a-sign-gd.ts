import type { KernelFormula } from './formula.js';
import { identityMap, signMap } from './gradient-map.js';

/**
 * The kernel K(ξ, ξ') = ⟨∇f(ξ), sign ∇f(ξ')⟩ with ξ the query and ξ' the training example, and flipped
 * ⟨sign ∇f(ξ), ∇f(ξ')⟩. It is the first-order effect of a step of SignGD, and of Adam early in training, on
 * another example's output (docs/theory.md, Kernels). Choose it for fine-tuning with Adam and two labels, in
 * binary mode.
 */
export const aSignGd = {
  name: 'a-signgd',
  title: 'A-SignGD',
  purpose: 'for Adam in its first steps, with two labels and one output',
  train: signMap,
  query: identityMap,
} as const satisfies KernelFormula;
