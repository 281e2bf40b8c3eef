import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkWritable } from '@ntk-lens/core';
import { NoKernelsError, RunDirectory } from '@ntk-lens/lens/stored';
import {
  type SolveDirectoryOptions,
  type SolveDirectoryRequest,
  type SolvedDirectory,
  solveDirectory,
} from './solve-directory.js';

/**
 * The directories with kernels behind what a user names: a run of several seeds, shots or formulas stands for the
 * folders in it.
 *
 * @throws NoKernelsError for a run none of whose folders was started
 */
const kernelDirectories = async (path: string): Promise<readonly string[]> => {
  const manifest = (await RunDirectory.read(path))?.manifest;
  if (manifest?.kernel['kind'] !== 'collection') return [path];
  const folders = await readdir(path, { withFileTypes: true });
  const runs: string[] = [];
  for (const { name } of folders.filter((entry) => entry.isDirectory())) {
    const directory = join(path, name);
    if ((await RunDirectory.read(directory)) !== undefined) runs.push(directory);
  }
  const names = folders.map(({ name }) => name);
  if (runs.length === 0) throw new NoKernelsError(path, 'folder with kernels', names);
  return runs.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
};

/** @throws FileSystemError for what is no directory, or one where solve.json cannot be written */
const checkSolvable = async (path: string): Promise<void> => {
  await readdir(path);
  await checkWritable(path);
};

/**
 * {@link solveDirectory} of several directories, in order; a directory of several seeds gives a result for each.
 *
 * @throws what `solveDirectory` throws
 */
export const solveDirectories = async (
  paths: readonly string[],
  request: SolveDirectoryRequest,
  options: SolveDirectoryOptions = {},
): Promise<readonly SolvedDirectory[]> => {
  for (const path of paths) await checkSolvable(path);
  const directories = (await Promise.all(paths.map(kernelDirectories))).flat();
  const solved: SolvedDirectory[] = [];
  for (const directory of directories) solved.push(await solveDirectory(directory, request, options));
  return solved;
};
