import { NtkLensError } from '@ntk-lens/core';

/** A coordinate check that was done, and failed. */
export class FailedCheckError extends NtkLensError {
  static readonly code = 'FAILED_CHECK';
  constructor(parametrization: string, found: string) {
    super(
      FailedCheckError.code,
      'failure',
      `Coordinate check of "${parametrization}": ${found}. Expected every size to stay the same at any width. The table shows which sizes do not.`,
    );
  }
}
