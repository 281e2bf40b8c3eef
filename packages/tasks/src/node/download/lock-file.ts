import { readSealedJson, writeSealedJson } from '@ntk-lens/core';
import { ArchiveError } from './errors.js';

/** `downloads.lock.json`, by which a later download is recognized. */
export interface DownloadLock {
  /** Address → size and SHA-256 of the file that came from it first. */
  readonly downloads: Record<string, { readonly bytes: number; readonly sha256: string }>;
}

/**
 * Reads the lock file; an absent one is empty.
 *
 * @throws ArchiveError if the file is not a lock, or not as it was written; FileSystemError
 */
export const readLock = async (path: string): Promise<DownloadLock> => {
  const stored = await readSealedJson(path);
  if (stored === undefined) return { downloads: {} };
  const { fields, whole } = stored;
  const refuse = (found: string): never => {
    throw new ArchiveError(path, found, 'a lock file of downloads; delete it to start over');
  };
  const downloads = fields?.['downloads'];
  if (typeof downloads !== 'object' || downloads === null || Array.isArray(downloads))
    return refuse('other content');
  if (!whole) return refuse('content that does not fit its SHA-256');
  return { downloads: downloads as DownloadLock['downloads'] };
};

export const writeLock = (path: string, { downloads }: DownloadLock): Promise<void> =>
  writeSealedJson(path, { downloads });
