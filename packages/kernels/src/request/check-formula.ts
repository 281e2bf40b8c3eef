import { BadArgumentError } from '@ntk-lens/core';
import { FormulaNotAvailableError } from '../errors.js';
import type { KernelFormula } from '../formulas/formula.js';
import { targetsOf } from '../formulas/losses.js';
import type { KernelRequest } from './kernel-request.js';

type Asked = Pick<KernelRequest, 'labels' | 'range' | 'labelWordIds' | 'train' | 'projection'>;

/**
 * Refuses what a formula cannot be computed with, before any work.
 *
 * @param parameters names of those that take part
 * @throws FormulaNotAvailableError for a projection where maps have factors; BadArgumentError for labels; and what the
 *   formula has against a parameter
 */
export const checkFormula = (
  formula: KernelFormula,
  { labels, range, labelWordIds, train, projection }: Asked,
  parameters: readonly string[],
): void => {
  const scales = [formula.train, formula.query].some(({ needsFactors }) => needsFactors);
  if (projection && scales)
    throw new FormulaNotAvailableError(
      formula.name,
      'a random subspace, whose coordinates have no factors of their own',
      'Choose a space whose coordinates are parameters, such as full or LoRA, or another formula.',
    );
  if (formula.needsLabels) {
    if (labels?.length !== train.length)
      throw new BadArgumentError(
        'labels',
        labels ? `${labels.length} labels` : 'nothing',
        `the label of each of the ${train.length} training examples, which the formula "${formula.name}" looks at`,
      );
    targetsOf(labels, labelWordIds.length, range);
  }
  for (const parameter of parameters) {
    const reason = formula.refuse?.(parameter);
    if (reason) throw reason;
  }
};
