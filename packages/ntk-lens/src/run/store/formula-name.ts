/**
 * Name of a formula as a manifest records it: a string for a plain one, such as `"sgd"`, or an object with its settings, such
 * as `{ "name": "adam", "beta2": 0.999 }`.
 *
 * @returns undefined where there is none, as in kernels that another program made
 */
export const storedFormulaName = (formula: unknown): string | undefined => {
  if (typeof formula === 'string') return formula;
  if (typeof formula !== 'object' || formula === null || !('name' in formula)) return undefined;
  return typeof formula.name === 'string' ? formula.name : undefined;
};

/** A formula as a table shows it: its name, and settings in the order in which they are stored: `adam (beta2 0.999)`. */
export const storedFormulaText = (formula: unknown): string | undefined => {
  const name = storedFormulaName(formula);
  if (name === undefined || typeof formula !== 'object' || formula === null) return name;
  const settings = Object.entries(formula)
    .filter(([key]) => key !== 'name')
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
  return settings.length === 0 ? name : `${name} (${settings.join(', ')})`;
};
