import { NtkLensError } from '@ntk-lens/core';

/** A package that is installed by those alone who need it. */
export class MissingPackageError extends NtkLensError {
  static readonly code = 'MISSING_PACKAGE';
  constructor(name: string, what: string, options?: { cause?: unknown }) {
    super(
      MissingPackageError.code,
      'input',
      `${what} needs the package ${name}, which was not found. Install it next to ntk-lens: npm install ${name}`,
      options,
    );
  }
}
