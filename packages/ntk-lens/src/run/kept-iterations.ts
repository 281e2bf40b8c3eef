import { join } from 'node:path';
import { fileHash, isError } from '@ntk-lens/core';
import { OldTilesError, OtherTilesError, openTileStore, removeTiles } from '@ntk-lens/kernels';
import type { IterationLimits } from '@ntk-lens/lens/stored';

/** Folder of the iterations of a solution in progress. */
const iterationsName = 'iterations';

/**
 * Solves the kernel of a directory with a store in it, so that work which was killed goes on with its last iteration. The store is
 * removed at the end. Iterations of other kernels or settings are replaced.
 *
 * @param settings everything that the bytes of the iterations depend on in addition to the kernel
 * @throws FileSystemError; what `solve` throws
 */
export const withKeptIterations = async <T>(
  path: string,
  settings: Readonly<Record<string, unknown>>,
  solve: (store: NonNullable<IterationLimits['store']>) => Promise<T>,
): Promise<T> => {
  const folder = join(path, iterationsName);
  const identity = { ...settings, kernel: await fileHash(join(path, 'train.npy')) };
  const store = await openTileStore(folder, identity).catch(async (error: unknown) => {
    if (!isError(error, OtherTilesError) && !isError(error, OldTilesError)) throw error;
    await removeTiles(folder);
    return openTileStore(folder, identity);
  });
  const solved = await solve(store);
  await removeTiles(folder);
  return solved;
};
