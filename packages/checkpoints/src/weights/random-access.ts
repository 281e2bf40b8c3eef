import { type FileHandle, open } from 'node:fs/promises';
import { TruncatedWeightFileError, WeightReadError } from './errors.js';

// One pread returns at most 2^31 - 1 bytes on every platform.
const maxChunk = 2 ** 30;

/** Bytes that can be read at any position: a file, or memory. */
export interface RandomAccess {
  /** The path, or how errors should name the bytes. */
  readonly name: string;
  readonly size: number;
  /**
   * Fills `target` from `position`, without another copy.
   *
   * @throws TruncatedWeightFileError if the bytes end first
   */
  read(target: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}

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

/** Bytes in memory, under a name for errors. */
export const bytesAccess = (bytes: Uint8Array, name: string): RandomAccess => ({
  name,
  size: bytes.byteLength,
  read: async (target, position) => {
    if (position + target.byteLength > bytes.byteLength) {
      throw tooShort(name, bytes.byteLength, position + target.byteLength);
    }
    target.set(bytes.subarray(position, position + target.byteLength));
  },
  close: async () => {},
});

const tooShort = (name: string, found: number, expected: number): TruncatedWeightFileError =>
  new TruncatedWeightFileError(name, found, expected, 'expected at least');

/** `length` bytes from `position`, in a new array. */
export const readBytes = async (
  access: RandomAccess,
  position: number,
  length: number,
): Promise<Uint8Array> => {
  if (position < 0 || position + length > access.size) {
    throw tooShort(access.name, access.size, position + length);
  }
  const bytes = new Uint8Array(length);
  await access.read(bytes, position);
  return bytes;
};
