import { NtkLensError } from '@ntk-lens/core';

/** A `config.json` that is missing or is not the configuration of a model. */
export class ModelConfigError extends NtkLensError {
  static readonly code = 'MODEL_CONFIG';
  constructor(file: string, found: string, expected: string, options?: { cause?: unknown }) {
    super(ModelConfigError.code, 'input', `${file}: found ${found}, expected ${expected}.`, options);
  }
}

/** A model whose architecture this program does not have. */
export class UnsupportedArchitectureError extends NtkLensError {
  static readonly code = 'UNSUPPORTED_ARCHITECTURE';
  constructor(file: string, found: string, supported: readonly string[], todo = '') {
    super(
      UnsupportedArchitectureError.code,
      'input',
      `${file} describes ${found}, expected one of the supported architectures: ${supported.join(', ')}.${todo}`,
    );
  }
}
