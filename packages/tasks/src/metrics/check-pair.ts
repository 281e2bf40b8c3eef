import { BadArgumentError } from '@ntk-lens/core';

/** Refuses predictions and gold labels that do not match in number, or are none. */
export const checkPair = (predicted: ArrayLike<number>, gold: ArrayLike<number>): void => {
  if (predicted.length !== gold.length || gold.length === 0) {
    throw new BadArgumentError(
      'predictions',
      `${predicted.length} for ${gold.length} examples`,
      'one for each example, and at least one',
    );
  }
};
