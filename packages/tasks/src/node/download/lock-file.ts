import { readFile } from 'node:fs/promises';
import { writeWhole } from '@ntk-lens/core';
import { ArchiveError } from './errors.js';

/** `downloads.lock.json`: what was downloaded and made, so that it can be told from anything else later. */
export interface DownloadLock {
  /** Address → size and SHA-256 of the file that came from it first. */
  readonly downloads: Record<string, { readonly bytes: number; readonly sha256: string }>;
  /** Task → file name → SHA-256 of the file that was written. */
  readonly tasks: Record<string, Readonly<Record<string, string>>>;
}

/**
 * Reads the lock file; an absent one is empty.
 *
 * @throws ArchiveError if the file is not a lock
 */
export const readLock = async (path: string): Promise<DownloadLock> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { downloads: {}, tasks: {} };
  const value = parse(path, text);
  if (isRecord(value?.downloads) && isRecord(value?.tasks)) return value as DownloadLock;
  throw new ArchiveError(path, 'other JSON', EXPECTED);
};

const EXPECTED = 'a lock file of downloads; delete it to start over';

const parse = (path: string, text: string): Partial<DownloadLock> | null => {
  try {
    return JSON.parse(text) as Partial<DownloadLock> | null;
  } catch (cause) {
    throw new ArchiveError(path, 'no JSON', EXPECTED, { cause });
  }
};

export const writeLock = (path: string, lock: DownloadLock): Promise<void> =>
  writeWhole(path, `${JSON.stringify(lock, null, 2)}\n`);

const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
