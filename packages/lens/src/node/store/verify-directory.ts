import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileListName, verifyFileList } from '@ntk-lens/core';
import { manifestName } from './manifest.js';
import { RunDirectory } from './run-directory.js';

/** Every file that the manifest of a run lists. */
const verifyRun = async (path: string): Promise<void> => {
  const directory = await RunDirectory.read(path);
  for (const name of Object.keys(directory?.manifest.files ?? {})) await directory!.verify(name);
};

/** Every file that the record of a training lists. */
const verifyTraining = async (path: string): Promise<void> => {
  const { readStoredTraining, verifyStoredFile } = await import('@ntk-lens/subspace');
  const { state, best, trajectory = [] } = (await readStoredTraining(path))?.files ?? {};
  for (const file of [state, best, ...trajectory])
    if (file) await verifyStoredFile(path, file, { verify: true });
};

const verifiers: Readonly<Record<string, (path: string) => Promise<void>>> = {
  [manifestName]: verifyRun,
  'checkpoint.json': verifyTraining,
  [fileListName]: (path) => verifyFileList(path, { verify: true }),
};

/**
 * Reads everything in a directory and below that carries a hash: kernels, checkpoints, trajectories, saved
 * models and adapters. Damaged files that can be made anew, such as tiles and measurements, are left to the
 * work that reads them.
 *
 * @throws DamagedRunError, DamagedCheckpointError, DamagedFileError, each naming the file; RunVersionError,
 * OldCheckpointError;
 *   FileSystemError
 */
export const verifyDirectory = async (path: string): Promise<void> => {
  const entries = await readdir(path, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries.sort()) {
    const folder = join(path, dirname(entry));
    const verify = verifiers[entry.slice(dirname(entry) === '.' ? 0 : dirname(entry).length + 1)];
    await verify?.(folder);
  }
};
