import { type FileHandle, open } from 'node:fs/promises';
import { WeightReadError } from '../errors.js';
import { type RandomAccess, tooShort } from '../source/random-access.js';

// One pread returns at most 2^31 - 1 bytes on every platform.
const maxChunk = 2 ** 30;

/** Opens a regular file; every error is typed. */
export const openFile = async (file: string): Promise<RandomAccess> => {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const { size } = await handle.stat();
    return fileAccess(handle, file, size);
  } catch (cause) {
    await handle?.close();
    throw new WeightReadError(file, cause);
  }
};

const fileAccess = (handle: FileHandle, name: string, size: number): RandomAccess => ({
  name,
  size,
  read: async (target, position) => {
    let done = 0;
    while (done < target.byteLength) {
      const length = Math.min(maxChunk, target.byteLength - done);
      let bytesRead: number;
      try {
        ({ bytesRead } = await handle.read(target, done, length, position + done));
      } catch (cause) {
        throw new WeightReadError(name, cause);
      }
      if (bytesRead === 0) throw tooShort(name, position + done, position + target.byteLength);
      done += bytesRead;
    }
  },
  close: () => handle.close(),
});
