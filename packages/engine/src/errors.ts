import { NtkLensError } from '@ntk-lens/core';

/** A runtime that does not exist or cannot be used on this machine. */
export class RuntimeUnavailableError extends NtkLensError {
  static readonly code = 'RUNTIME_UNAVAILABLE';
  constructor(name: string, why: string, remedy: string, options?: { cause?: unknown }) {
    super(
      RuntimeUnavailableError.code,
      'input',
      `Runtime "${name}" cannot be used here: ${why} ${remedy}`,
      options,
    );
  }
}

/** A program was run with an input missing, too many, or of another shape. */
export class BadProgramInputError extends NtkLensError {
  static readonly code = 'BAD_PROGRAM_INPUT';
  constructor(program: string, input: string, found: string, expected: string) {
    super(
      BadProgramInputError.code,
      'failure',
      `Program "${program}", input "${input}": found ${found}, expected ${expected}.`,
    );
  }
}

/** A runtime failed while it compiled or ran a program. */
export class ProgramFailedError extends NtkLensError {
  static readonly code = 'PROGRAM_FAILED';
  constructor(program: string, runtime: string, message: string, options?: { cause?: unknown }) {
    super(
      ProgramFailedError.code,
      'failure',
      `Program "${program}" failed on ${runtime}: ${message}`,
      options,
    );
  }
}
