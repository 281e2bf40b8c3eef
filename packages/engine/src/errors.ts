import { NtkLensError } from '@ntk-lens/core';

/** A runtime that does not exist or cannot be used on this machine. */
export class RuntimeUnavailableError extends NtkLensError {
  static readonly code = 'RUNTIME_UNAVAILABLE';
  readonly runtime: string;
  /** A sentence that names the missing part. */
  readonly why: string;
  /** A sentence that says how to get it. */
  readonly remedy: string;

  constructor(runtime: string, why: string, remedy: string, options?: { cause?: unknown }) {
    super(
      RuntimeUnavailableError.code,
      'input',
      `Runtime "${runtime}" cannot be used here: ${why} ${remedy}`,
      options,
    );
    this.runtime = runtime;
    this.why = why;
    this.remedy = remedy;
  }
}

/** A runtime was used after it was closed or after its thread died. */
export class RuntimeStoppedError extends NtkLensError {
  static readonly code = 'RUNTIME_STOPPED';
  constructor(runtime: string, why: string, options?: { cause?: unknown }) {
    super(
      RuntimeStoppedError.code,
      'failure',
      `The runtime ${runtime} is gone: ${why} Open another one.`,
      options,
    );
  }
}

/** A resident tensor was used after its release, or in a runtime that it does not belong to. */
export class TensorNotResidentError extends NtkLensError {
  static readonly code = 'TENSOR_NOT_RESIDENT';
  constructor(runtime: string, shape: readonly number[]) {
    super(
      TensorNotResidentError.code,
      'failure',
      `A tensor of shape [${shape}] is not in the memory of ${runtime}: it was released, or it belongs to another runtime. Upload it again.`,
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
