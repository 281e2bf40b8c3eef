import { formulaNames, formulas, type KernelFormula } from '@ntk-lens/kernels/formulas';

/**
 * Name of a formula as a manifest records it: a string for a plain one, such as `"cosine"`, or an object with its
 * settings, such as `{ "name": "adam", "eps": 1e-8 }`.
 *
 * @example
 * ```ts
 * const { identity } = await loadKernel('runs/sst-2');
 * storedFormulaName(identity['formula']); // 'sgd'
 * ```
 * @returns undefined where there is none, as in kernels that another program made
 */
export const storedFormulaName = (formula: unknown): string | undefined => {
  if (typeof formula === 'string') return formula;
  if (typeof formula !== 'object' || formula === null || !('name' in formula)) return undefined;
  return typeof formula.name === 'string' ? formula.name : undefined;
};

/** The formula behind a stored name; undefined where it is of another version or program. */
export const knownFormula = (stored: unknown): KernelFormula | undefined => {
  const name = formulaNames.find((known) => known === storedFormulaName(stored));
  return name && formulas[name];
};
