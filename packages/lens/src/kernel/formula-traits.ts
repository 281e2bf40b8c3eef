import { isSymmetric, type KernelFormula } from '@ntk-lens/kernels/formulas';

/** @internal A formula whose kernel and flipped kernel differ is defined for one output (docs/theory.md, A-SignGD). */
export const needsOneOutput = (formula: KernelFormula): boolean => !isSymmetric(formula);

/** @internal Its maps scale every parameter by a factor of its own, which coordinates that mix parameters lack. */
export const scalesParameters = ({ train, query }: KernelFormula): boolean =>
  train.needsFactors || query.needsFactors;

/** @internal Kernels of parts of the network add up to the whole. */
export const addsUp = ({ finish }: KernelFormula): boolean => finish === undefined;

/** @internal Its kernel is ⟨∇f, ∇f⟩ itself, which a random projection keeps (docs/theory.md, Johnson–Lindenstrauss). */
export const isInnerProduct = (formula: KernelFormula): boolean =>
  [formula.train, formula.query].every(({ linear }) => linear) &&
  !scalesParameters(formula) &&
  addsUp(formula);
