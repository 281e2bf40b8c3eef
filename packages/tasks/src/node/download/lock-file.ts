import { readFile } from 'node:fs/promises';
import { writeWhole } from '@ntk-lens/core/node';
import { ArchiveError } from './errors.js';

/** `downloads.lock.json`: what was downloaded and made, so that it can be told from anything else later. */
export interface DownloadLock {
  /** Address → size and SHA-256 of the file that came from it first. */
  readonly downloads: Record<string, { readonly bytes: number; readonly sha256: string }>;
  /** Task → file name → SHA-256 of the file that was written. */
  readonly tasks: Record<string, Readonly<Record<string, string>>>;
}

/** Reads the lock file; an absent one is empty. */
export const readLock = async (path: string): Promise<DownloadLock> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { downloads: {}, tasks: {} };
  try {
    const value = JSON.parse(text) as Partial<DownloadLock> | null;
    if (isRecord(value?.downloads) && isRecord(value?.tasks)) return value as DownloadLock;
  } catch {
    // Refused below, as any other content that is not a lock.
  }
  throw new ArchiveError(path, 'something else', 'a lock file of downloads; delete it to start over');
};

export const writeLock = (path: string, lock: DownloadLock): Promise<void> =>
  writeWhole(path, `${JSON.stringify(lock, null, 2)}\n`);

const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
