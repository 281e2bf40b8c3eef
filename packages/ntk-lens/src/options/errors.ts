import { ConflictingOptionsError, NtkLensError } from '@ntk-lens/core';

/** A `config.json` or project file that cannot be read or says something that a run does not know. */
export class ConfigFileError extends NtkLensError {
  static readonly code = 'CONFIG_FILE';
  constructor(file: string, found: string, options?: { cause?: unknown }) {
    super(
      ConfigFileError.code,
      'input',
      `${file}: ${found.replace(/[^.?]$/, '$&.')} Expected options of runs by the fields of a config.json, as "ntk-lens run" writes it.`,
      options,
    );
  }
}

/** A variable of the environment whose value does not fit its option. */
export class VariableError extends NtkLensError {
  static readonly code = 'VARIABLE';
  constructor(name: string, found: string, expected: string, hint = '', options?: { cause?: unknown }) {
    super(
      VariableError.code,
      'input',
      `${name}: found ${JSON.stringify(found)}, expected ${expected}.${hint} Set or unset this variable of the environment.`,
      options,
    );
  }
}

/** A command line that no command takes. */
export class UsageError extends NtkLensError {
  static readonly code = 'USAGE';
  constructor(found: string, advice: string) {
    super(UsageError.code, 'input', `${found} ${advice}`.trimEnd());
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
