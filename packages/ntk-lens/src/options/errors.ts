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

/** A project file that sets what only the person at the command line may set. */
export class ProjectFileError extends NtkLensError {
  static readonly code = 'PROJECT_FILE';
  constructor(
    file: string,
    readonly field: string,
    found: string,
    advice: string,
  ) {
    super(ProjectFileError.code, 'input', `${file}: found ${found} in the field "${field}". ${advice}`);
  }
}

export { ConflictingOptionsError };
