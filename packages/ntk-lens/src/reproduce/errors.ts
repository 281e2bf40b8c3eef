import { NtkLensError } from '@ntk-lens/core';

/** A directory that holds a reproduction with another model, or something else of its name. */
export class OtherReproductionError extends NtkLensError {
  static readonly code = 'OTHER_REPRODUCTION';
  constructor(directory: string, found: string, expected: string) {
    super(
      OtherReproductionError.code,
      'input',
      `${directory}: found ${found}, expected ${expected}. Name another directory by \`out\`, or replace this one with \`force\`.`,
    );
  }
}
