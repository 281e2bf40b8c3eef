import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { WeightReadError } from '../../errors.js';
import type { HubFile } from '../../hub/hub-api.js';

type Algorithm = HubFile['hash']['algorithm'];

/** A hash of a file of this size as the Hub gives it: SHA-256, or git's SHA-1 of `blob <size>\0` and the bytes. */
export const newHash = (algorithm: Algorithm, size: number): Hash =>
  algorithm === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);

/** That hash of a file, hexadecimal. */
export const hashOfFile = async (path: string, algorithm: Algorithm): Promise<string> => {
  try {
    const hash = newHash(algorithm, (await stat(path)).size);
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    return hash.digest('hex');
  } catch (cause) {
    throw new WeightReadError(path, cause);
  }
};
