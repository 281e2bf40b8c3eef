import { NtkLensError } from '../errors.js';

/** A `.npy` file that cannot be read as an array of numbers. */
export class NpyFormatError extends NtkLensError {
  static readonly code = 'NPY_FORMAT';
  constructor(found: string, expected: string, advice?: string) {
    const text = `Not a readable .npy file: found ${found}, expected ${expected}.`;
    super(NpyFormatError.code, 'input', advice === undefined ? text : `${text} ${advice}`);
  }
}
