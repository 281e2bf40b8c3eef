import { readdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import { WeightReadError } from '../../errors.js';
import { DamagedCacheError } from '../../hub/errors.js';
import { hashOfFile } from './hub-hash.js';

/**
 * Hashes the files of a model in the Hugging Face cache, whose names are their hashes, and says which bytes are not those
 * of the Hub. A file that is no link to such a name cannot be verified.
 *
 * @example
 * ```ts
 * const { directory } = await resolveModel('roberta-base');
 * const files = await verifySnapshot(directory); // ['config.json', 'model.safetensors', …]
 * ```
 * @param directory a snapshot, as `resolveModel` gives it
 * @param options progress counts files
 * @returns names of the files that were verified
 * @throws DamagedCacheError, which names them; WeightReadError; CancelledError
 */
export const verifySnapshot = async (
  directory: string,
  { signal, onProgress }: LongTaskOptions = {},
): Promise<readonly string[]> => {
  const { verified, damaged } = await damagedFiles(directory, { signal, onProgress });
  if (damaged.length > 0)
    throw new DamagedCacheError(
      directory,
      damaged.map(({ name }) => name),
    );
  return verified;
};

/** Removes damaged files of a snapshot, so that they are downloaded again. */
export const removeDamaged = async (directory: string, options: LongTaskOptions): Promise<void> => {
  for (const { name, blob } of (await damagedFiles(directory, options)).damaged) {
    await rm(blob, { force: true }).catch(() => {
      throw new DamagedCacheError(directory, [name]);
    });
  }
};

const damagedFiles = async (directory: string, { signal, onProgress }: LongTaskOptions) => {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new WeightReadError(directory, cause);
  });
  const verified: string[] = [];
  const damaged: { readonly name: string; readonly blob: string }[] = [];
  for (const [done, name] of names.entries()) {
    throwIfCancelled(signal, 'Verifying the model');
    onProgress?.({ phase: 'verify', done, total: names.length, detail: name });
    const blob = await realpath(join(directory, name)).catch(() => undefined);
    const [hex] = /^(?:[0-9a-f]{64}|[0-9a-f]{40})$/.exec(basename(blob ?? '')) ?? [];
    if (blob === undefined || hex === undefined || !(await stat(blob)).isFile()) continue;
    if ((await hashOfFile(blob, hex.length === 64 ? 'sha256' : 'git-sha1')) === hex) verified.push(name);
    else damaged.push({ name, blob });
  }
  return { verified, damaged };
};
