import { UnknownFormulaError } from '../errors.js';
import * as all from './all.js';
import type { KernelFormula } from './formula.js';

export * from './all.js';
export { describeFormula, isInnerProduct, isSymmetric, type KernelFormula, type MapPair } from './formula.js';

/** A formula among what the files of formulas export. */
type NamedFormula = Extract<(typeof all)[keyof typeof all], KernelFormula>;

/** Name of a formula that there is. */
export type FormulaName = NamedFormula['name'];

const isFormula = (value: (typeof all)[keyof typeof all]): value is NamedFormula => 'train' in value;

/** Every formula by its name, with its default settings. */
export const formulas = Object.fromEntries(
  Object.values(all)
    .filter(isFormula)
    .map((formula) => [formula.name, formula]),
) as Readonly<Record<FormulaName, KernelFormula>>;

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
