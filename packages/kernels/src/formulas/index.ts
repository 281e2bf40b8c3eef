import { UnknownFormulaError } from '../errors.js';
import { aSignGd } from './a-sign-gd.js';
import { adam } from './adam.js';
import { cosine } from './cosine.js';
import type { KernelFormula } from './formula.js';
import { sgd } from './sgd.js';
import { signGd } from './sign-gd.js';

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
