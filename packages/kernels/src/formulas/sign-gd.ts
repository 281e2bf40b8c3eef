import type { KernelFormula } from './formula.js';
import { signMap } from './gradient-map.js';

/**
 * K(ξ, ξ') = ⟨sign ∇f(ξ), sign ∇f(ξ')⟩: a symmetric stand-in for {@link aSignGd} (docs/theory.md, Kernels). Its entries
 * count coordinates. Choose it for fine-tuning with Adam and more than two labels, or where a solver needs a symmetric
 * kernel.
 */
export const signGd: KernelFormula = { name: 'signgd', title: 'SignGD', train: signMap, query: signMap };
