import { NtkLensError } from '@ntk-lens/core';

/** A parametrization that an architecture cannot have. */
export class ParametrizationError extends NtkLensError {
  static readonly code = 'PARAMETRIZATION';
  constructor(name: string, found: string, expected: string) {
    super(
      ParametrizationError.code,
      'input',
      `Parametrization "${name}": found ${found}, expected ${expected}.`,
    );
  }
}
