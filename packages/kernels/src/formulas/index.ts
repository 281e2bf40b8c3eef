import { UnknownFormulaError } from '../errors.js';
import { aSignGd } from './a-sign-gd.js';
import { adam } from './adam.js';
import { cosine } from './cosine.js';
import type { KernelFormula } from './formula.js';
import { sgd } from './sgd.js';
import { signGd } from './sign-gd.js';

export { aSignGd } from './a-sign-gd.js';
export { type AdamOptions, type AdamState, adam } from './adam.js';
export { cosine } from './cosine.js';
export { describeFormula, isSymmetric, type KernelFormula, type MapPair } from './formula.js';
export { sgd } from './sgd.js';
export { signGd } from './sign-gd.js';

/** Every formula by its name, with its default settings: a new one is a line here. */
export const formulas = {
  sgd,
  signgd: signGd,
  'a-signgd': aSignGd,
  adam: adam(),
  cosine,
} as const satisfies Readonly<Record<string, KernelFormula>>;

/** Name of a formula that there is. */
export type FormulaName = keyof typeof formulas;

/** When to choose each formula, as the rest of a sentence: for help and tables. */
export const formulaPurposes: Readonly<Record<FormulaName, string>> = {
  sgd: 'for fine-tuning with SGD, and where in doubt',
  signgd: 'for Adam where a solver needs a symmetric kernel, with any number of labels',
  'a-signgd': 'for Adam in its first steps, with two labels and one output',
  adam: 'for Adam after its first steps, with any number of labels',
  cosine: 'to compare directions of gradients, whatever their lengths',
};

/** Names of the formulas that there are. */
export const formulaNames = Object.keys(formulas) as readonly FormulaName[];

/**
 * A formula by its name, or the formula itself.
 *
 * @throws UnknownFormulaError, which lists those that there are
 */
export const formulaOf = (formula: string | KernelFormula): KernelFormula => {
  if (typeof formula !== 'string') return formula;
  if (!Object.hasOwn(formulas, formula)) throw new UnknownFormulaError(formula, formulaNames);
  return formulas[formula as FormulaName];
};
