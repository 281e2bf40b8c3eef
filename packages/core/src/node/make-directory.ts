import { randomUUID } from 'node:crypto';
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileSystemError } from './file-system-error.js';

/** The deepest folder of a path that is there, and the names below it that are not. */
const foundPart = async (path: string): Promise<{ folder: string; missing: readonly string[] }> => {
  const missing: string[] = [];
  let folder = resolve(path);
  for (;;) {
    const error = await stat(folder).then(
      () => undefined,
      (cause: NodeJS.ErrnoException) => cause,
    );
    if (error === undefined) return { folder, missing };
    if (error.code !== 'ENOENT' || dirname(folder) === folder) throw fileSystemError(error, folder);
    missing.unshift(folder);
    folder = dirname(folder);
  }
};

/**
 * Makes a directory and those above it, one by one: `mkdir` of Node with `recursive` does not end where a file system answers
 * that a folder is not there whose parent is, as /proc does.
 *
 * @returns the first folder that was not there, if any
 * @throws FileSystemError
 */
export const makeDirectory = async (path: string): Promise<string | undefined> => {
  const { missing } = await foundPart(path);
  for (const folder of missing)
    await mkdir(folder).catch(async (error: NodeJS.ErrnoException) => {
      // Another process may have made it meanwhile.
      if (error.code !== 'EEXIST') throw fileSystemError(error, folder);
    });
  if (!(await stat(path)).isDirectory())
    throw fileSystemError(Object.assign(new Error(), { code: 'ENOTDIR', syscall: 'mkdir', path }));
  return missing[0];
};

/**
 * Tries whether a directory can be made or written to, and leaves nothing behind.
 *
 * @throws FileSystemError
 * @example
 * ```ts
 * await checkWritable('runs/sentiment'); // before hours of work
 * ```
 */
export const checkWritable = async (path: string): Promise<void> => {
  const { folder } = await foundPart(path);
  const probe = join(folder, `.${randomUUID()}.tmp`);
  try {
    await mkdir(probe);
    await rmdir(probe);
  } catch (error) {
    throw fileSystemError(Object.assign(error as Error, { path }), path);
  }
};
