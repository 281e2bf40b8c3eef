import { type FileHandle, open } from 'node:fs/promises';
import { TruncatedWeightFileError, WeightReadError } from './errors.js';

// One pread returns at most 2^31 - 1 bytes on every platform.
const maxChunk = 2 ** 30;

/** Opens a file for reading; its errors are typed. */
export const openFile = async (file: string): Promise<FileHandle> => {
  try {
    return await open(file, 'r');
  } catch (cause) {
    throw new WeightReadError(file, cause);
  }
};

/**
 * Fills `target` from `position` of an open file, without another copy.
 *
 * @throws TruncatedWeightFileError if the file ends first
 */
export const readExactly = async (
  handle: FileHandle,
  file: string,
  target: Uint8Array,
  position: number,
): Promise<void> => {
  let done = 0;
  while (done < target.byteLength) {
    const length = Math.min(maxChunk, target.byteLength - done);
    let bytesRead: number;
    try {
      ({ bytesRead } = await handle.read(target, done, length, position + done));
    } catch (cause) {
      throw new WeightReadError(file, cause);
    }
    if (bytesRead === 0) {
      throw new TruncatedWeightFileError(
        file,
        position + done,
        position + target.byteLength,
        'expected at least',
      );
    }
    done += bytesRead;
  }
};
