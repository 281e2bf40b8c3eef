import { BadArgumentError } from '@ntk-lens/core';

/** Refuses an option that is given and not a whole number of at least `least`. */
export const checkCount = (name: string, value: number | undefined, least: number): void => {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= least)) {
    throw new BadArgumentError(name, value, `a whole number of at least ${least}`);
  }
};
