import { isNtkLensError, NtkLensError } from '@ntk-lens/core';
import { type FileContent, writeWhole } from '@ntk-lens/core/node';

/** Writing a file failed; nothing of it is left. */
export class WeightWriteError extends NtkLensError {
  static readonly code = 'WEIGHT_WRITE';
  constructor(file: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      WeightWriteError.code,
      'failure',
      `Writing ${file} failed: ${reason}. Nothing was changed; check space and rights, then run again.`,
      { cause },
    );
  }
}

/**
 * `writeWhole` of `@ntk-lens/core/node`: a file that appears under its name only when whole, its folder made where there is none.
 *
 * @throws WeightWriteError if the operating system refuses
 */
export const writeAtomically = async (file: string, content: FileContent): Promise<void> => {
  try {
    await writeWhole(file, content);
  } catch (cause) {
    throw isNtkLensError(cause) ? cause : new WeightWriteError(file, cause);
  }
};
