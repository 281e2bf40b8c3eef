import { lockedDirectory } from '@ntk-lens/core';
import { verifyDirectory } from '@ntk-lens/lens/stored';

export interface InDirectoryOptions {
  /** Read and verify every file that is there, before the work. */
  readonly verify?: boolean;
}

/**
 * Does work in an output directory that no other process may work in at the same time. Where the directory is not known yet, it
 * is locked later, by the part of the work that names it.
 *
 * @throws DirectoryInUseError, which names the other process, before the work; FileSystemError; with `verify` what
 *   `verifyDirectory` throws
 */
export const inDirectory = async <T>(
  directory: string | undefined,
  { verify = false }: InDirectoryOptions,
  work: () => Promise<T>,
): Promise<T> => {
  if (directory === undefined) return work();
  return lockedDirectory(directory, async () => {
    if (verify) await verifyDirectory(directory);
    return work();
  });
};
