import { UnknownFormulaError } from '../errors.js';
import { aSignGd } from './a-sign-gd.js';
import { adam } from './adam.js';
import { cosine } from './cosine.js';
import type { KernelFormula } from './formula.js';
import { sgd } from './sgd.js';
import { signGd } from './sign-gd.js';

/** Every formula, with its default settings: a new one is a line here. */
const all = [sgd, signGd, aSignGd, adam(), cosine];

const byName: ReadonlyMap<string, KernelFormula> = new Map(all.map((formula) => [formula.name, formula]));

/** Names of the formulas that there are. */
export const formulaNames: readonly string[] = [...byName.keys()];

/**
 * A formula by its name, or the formula itself.
 *
 * @throws UnknownFormulaError, which lists those that there are
 */
export const formulaOf = (formula: string | KernelFormula): KernelFormula => {
  if (typeof formula !== 'string') return formula;
  const known = byName.get(formula);
  if (!known) throw new UnknownFormulaError(formula, formulaNames);
  return known;
};
