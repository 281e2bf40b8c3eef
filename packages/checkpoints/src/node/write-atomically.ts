import { type FileContent, isNtkLensError, writeWhole } from '@ntk-lens/core';
import { WeightWriteError } from '../errors.js';

/**
 * `writeWhole` of `@ntk-lens/core`: a file that appears under its name only when whole, its folder made where there is none.
 *
 * @throws FileSystemError, WeightWriteError if the operating system refuses
 */
export const writeAtomically = async (file: string, content: FileContent): Promise<void> => {
  try {
    await writeWhole(file, content);
  } catch (cause) {
    throw isNtkLensError(cause) ? cause : new WeightWriteError(file, cause);
  }
};
