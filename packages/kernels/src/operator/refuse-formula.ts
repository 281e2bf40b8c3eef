import { FormulaNotAvailableError } from '../errors.js';
import type { KernelFormula } from '../formulas/formula.js';
import type { KernelRequest } from '../request/kernel-request.js';

/**
 * Refuses the kernels that have no operator: a product with K starts from the sum of weighted gradients, which says nothing
 * about the sum of their signs, and no entry of K is ever computed.
 *
 * @throws FormulaNotAvailableError
 */
export const refuseFormula = (
  { name, train, query, finish }: KernelFormula,
  { projection }: Pick<KernelRequest, 'projection'>,
): void => {
  const refuse = (found: string, advice: string): never => {
    throw new FormulaNotAvailableError(name, found, advice);
  };
  const bent = [train, query].find(({ linear }) => !linear);
  if (bent)
    refuse(
      `the map ${bent.symbol} in an operator, which multiplies with the sum of all weighted gradients: a map that is not linear makes another thing of a sum than of its summands`,
      'Compute the kernel itself, or choose a linear formula: sgd or adam.',
    );
  if (finish)
    refuse(
      'a last step that looks at the entries of the kernel, which an operator does not have',
      'Compute the kernel itself, or choose sgd or adam.',
    );
  if (projection)
    refuse(
      'a random subspace in an operator, whose directions are given parameter by parameter',
      'Compute the kernel itself, or choose a space whose coordinates are parameters, such as full, bitfit or lora:r=8.',
    );
};
