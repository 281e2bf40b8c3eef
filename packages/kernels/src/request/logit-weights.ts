import { BadArgumentError } from '@ntk-lens/core';
import type { LogitWeights } from '@ntk-lens/models';

/**
 * In binary mode one output, logit₁ − logit₀; else one per label (docs/theory.md, Binary mode).
 *
 * @throws BadArgumentError for binary mode with other than two labels
 */
export const logitWeightsOf = (labels: number, binary = false): LogitWeights => {
  if (!binary)
    return Array.from({ length: labels }, (_, i) =>
      Array.from({ length: labels }, (_, j) => Number(i === j)),
    );
  if (labels !== 2) throw new BadArgumentError('binary', `${labels} labels`, 'two labels');
  return [[-1, 1]];
};
