import { ConflictingOptionsError, NtkLensError } from '@ntk-lens/core';

/** A `config.json` that cannot be read or says something that a run does not know. */
export class ConfigFileError extends NtkLensError {
  static readonly code = 'CONFIG_FILE';
  constructor(file: string, found: string, options?: { cause?: unknown }) {
    super(
      ConfigFileError.code,
      'input',
      `${file}: ${found}. Expected a config.json as "ntk-lens run" writes it, with any of its fields.`,
      options,
    );
  }
}

export { ConflictingOptionsError };
