import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sha256 } from '@ntk-lens/core';
import { loadModel } from '@ntk-lens/models';
import { readLadder } from '@ntk-lens/tensor-programs';

/** The models of several widths on which a reproduction looks. */
export interface ReproducedLadder {
  /** As `check --ladder` takes them. */
  readonly directories: readonly string[];
  /** SHA-256 of the models and of the data that come with them. */
  readonly hash: string;
}

/**
 * Reads which models a ladder has.
 *
 * @throws NoLadderError, MixedLadderError; what opening a model throws
 */
export const reproducedLadder = async (directories: readonly string[]): Promise<ReproducedLadder> => {
  const hash = sha256();
  for (const { directory, width, seed } of await readLadder(directories)) {
    const model = await loadModel(directory);
    try {
      hash.update(JSON.stringify([width, seed, await model.hash()]));
    } finally {
      await model.close();
    }
  }
  const near = directories.map((path) => resolve(path)).flatMap((path) => [path, dirname(path)]);
  for (const folder of new Set(near.map((path) => join(path, 'language'))))
    for (const name of existsSync(folder) ? (await readdir(folder)).sort() : [])
      if (name.endsWith('.csv')) hash.update(name).update(await readFile(join(folder, name)));
  return { directories, hash: hash.hex() };
};
