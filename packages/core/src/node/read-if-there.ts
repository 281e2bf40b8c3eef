import { readdir, readFile } from 'node:fs/promises';
import { fileSystemError } from './file-system-error.js';

/** The result of a reader; undefined only if there is no such file or folder. */
const ifThere = async <T>(path: string, read: (path: string) => Promise<T>): Promise<T | undefined> => {
  try {
    return await read(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw fileSystemError(cause, path);
  }
};

/**
 * The bytes of a file; undefined only where there is none. A file that is there and cannot be read is no absent one.
 *
 * @throws FileSystemError
 */
export const readIfThere = (file: string): Promise<Uint8Array<ArrayBuffer> | undefined> =>
  ifThere(file, (path) => readFile(path));

/**
 * The names in a folder, sorted; none only where there is no folder.
 *
 * @throws FileSystemError
 */
export const namesIn = async (folder: string): Promise<readonly string[]> =>
  ((await ifThere(folder, (path) => readdir(path))) ?? []).sort();
