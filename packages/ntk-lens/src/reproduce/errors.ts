import { NtkLensError } from '@ntk-lens/core';

/** A directory that holds a reproduction with another model, or something else of its name. */
export class OtherReproductionError extends NtkLensError {
  static readonly code = 'OTHER_REPRODUCTION';
  constructor(directory: string, found: string, expected: string) {
    super(
      OtherReproductionError.code,
      'input',
      `${directory}: found ${found}, expected ${expected}. Name another directory with \`out\`, or replace this one with \`force\`.`,
    );
  }
}

/** Trainings of a reproduction that diverged; all that was not theirs is done. */
export class DivergedTrainingsError extends NtkLensError {
  static readonly code = 'DIVERGED_TRAININGS';
  /** @param count pieces of work without their result */
  constructor(count: number) {
    super(
      DivergedTrainingsError.code,
      'failure',
      `${count === 1 ? 'One piece of work has' : `${count} pieces of work have`} a training that diverged at every point of its grid; the tables show a dash in its place, and the reason below. Give smaller rates with \`sgdRates\` and \`adamRates\`, and replace the directory with \`force\` or name another one with \`out\`.`,
    );
  }
}
