import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileSystemError } from './file-system-error.js';
import { readSealedJson, writeSealedJson } from './sealed-json.js';
import { sha256 } from './sha256.js';

/** Smaller files are hashed faster than their sums are looked up. */
const LEAST_BYTES = 2 ** 20;

/**
 * In milliseconds. Clocks of file systems can be this coarse. A file that changed a moment ago could change
 * again and keep its time.
 */
const SETTLED = 3000;

export interface HashOptions {
  /** Hash the bytes even where the sum is known. Default: false. */
  readonly verify?: boolean;
}

interface Stamp {
  /** Device, inode, size, and times of the last change of content and of the inode. */
  readonly text: string;
  readonly bytes: bigint;
  readonly settled: boolean;
}

const stampOf = async (file: string): Promise<Stamp> => {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    const newest = Math.max(Number(mtimeNs), Number(ctimeNs)) / 1e6;
    return {
      text: [dev, ino, size, mtimeNs, ctimeNs].join(' '),
      bytes: size,
      // If a clock was set back, nothing is known.
      settled: Date.now() - newest > SETTLED,
    };
  } catch (cause) {
    throw fileSystemError(cause, file);
  }
};

const hashesDirectory = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ntk-lens', 'hashes');

/**
 * A sum of some files, computed once: it is known again as long as their devices, inodes, sizes and times are
 * the same. A damaged or foreign entry of the cache counts as none, and a cache that cannot be written is not
 * needed.
 *
 * @param what name of the sum, with everything in addition to the files that the sum depends on
 * @throws FileSystemError for a file; what `compute` throws
 */
export const rememberedHash = async (
  files: readonly string[],
  what: string,
  compute: () => Promise<string>,
  { verify = false }: HashOptions = {},
): Promise<string> => {
  const stamps = () => Promise.all(files.map(stampOf));
  const before = await stamps();
  const bytes = before.reduce((sum, stamp) => sum + stamp.bytes, 0n);
  if (bytes < LEAST_BYTES || !before.every(({ settled }) => settled)) return compute();
  const identity = {
    format: 'ntk-lens-hash',
    version: 1,
    what,
    files: files.map((file, i) => [resolve(file), before[i]!.text]),
  };
  const key = sha256()
    .update(JSON.stringify([what, files.map((file) => resolve(file))]))
    .hex();
  const entry = join(hashesDirectory(), `${key}.json`);
  const known = verify ? undefined : await readSealedJson(entry).catch(() => undefined);
  if (known?.whole) {
    const { hash, ...rest } = known.fields!;
    if (typeof hash === 'string' && JSON.stringify(rest) === JSON.stringify(identity)) return hash;
  }
  const hash = await compute();
  const after = await stamps();
  // A file that changed while it was read has no sum to remember.
  if (after.every(({ text }, i) => text === before[i]!.text))
    await writeSealedJson(entry, { ...identity, hash }).catch(() => {});
  return hash;
};

/**
 * SHA-256 of a file's bytes, hexadecimal; that of a large file is remembered (see {@link rememberedHash}).
 *
 * @throws FileSystemError
 */
export const fileHash = (file: string, options?: HashOptions): Promise<string> =>
  rememberedHash([file], 'bytes', () => hashOf(file), options);

const hashOf = async (file: string): Promise<string> => {
  const hash = sha256();
  try {
    for await (const piece of createReadStream(file, { highWaterMark: 2 ** 20 }))
      hash.update(piece as Buffer);
  } catch (cause) {
    throw fileSystemError(cause, file);
  }
  return hash.hex();
};
