import { BadArgumentError } from '@ntk-lens/core';

/** Checks that an option is a number at or above `minimum` (or strictly above it). */
export const checkNumber = (
  name: string,
  value: number,
  minimum: number,
  { strict = false, infinite = false, maximum = Number.POSITIVE_INFINITY } = {},
): number => {
  const bounded = (strict ? value > minimum : value >= minimum) && value <= maximum;
  if (typeof value !== 'number' || !bounded || (!infinite && value === Number.POSITIVE_INFINITY)) {
    const upper = maximum < Number.POSITIVE_INFINITY ? ` and at most ${maximum}` : '';
    throw new BadArgumentError(
      name,
      value,
      `a number ${strict ? 'above' : 'of at least'} ${minimum}${upper}`,
    );
  }
  return value;
};

/** Checks f0Scale: positive, Infinity for "not used". */
export const checkF0Scale = (value: number | undefined): void => {
  if (value !== undefined) checkNumber('f0Scale', value, 0, { strict: true, infinite: true });
};
