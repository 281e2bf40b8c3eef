import type { KernelFormula } from './formula.js';
import { identityMap, signMap } from './gradient-map.js';

/**
 * K(ξ, ξ') = ⟨sign ∇f(ξ), ∇f(ξ')⟩ with ξ the training example, and flipped ⟨∇f(ξ), sign ∇f(ξ')⟩: what a step of SignGD,
 * and of Adam early in training, does to another example's output, to first order (docs/theory.md, Kernels). Choose it
 * for fine-tuning with Adam and two labels, in binary mode.
 */
export const aSignGd: KernelFormula = {
  name: 'a-signgd',
  title: 'A-SignGD',
  train: signMap,
  query: identityMap,
};
