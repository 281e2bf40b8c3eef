import { NtkLensError } from '../errors.js';

/** A `.npy` file that cannot be read as an array of numbers. */
export class NpyFormatError extends NtkLensError {
  static readonly code = 'NPY_FORMAT';
  constructor(
    readonly found: string,
    readonly expected: string,
    readonly advice?: string,
    file = 'Not a readable .npy file',
  ) {
    const text = `${file}: found ${found}, expected ${expected}.`;
    super(NpyFormatError.code, 'input', advice === undefined ? text : `${text} ${advice}`);
  }

  /** The same error for a file whose name is known. */
  in(file: string): NpyFormatError {
    return new NpyFormatError(this.found, this.expected, this.advice, file);
  }
}
