import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { isNtkLensError } from '@ntk-lens/core';
import { WeightWriteError } from '../../errors.js';
import { DownloadMismatchError } from '../../hub/errors.js';
import { fetchFile } from '../../hub/fetch-file.js';
import type { HubFile } from '../../hub/hub-api.js';
import type { HubConnection, RequestSubject } from '../../hub/hub-request.js';

/**
 * Downloads a file into `blob`, continuing `blob.incomplete` of an earlier run by a range request. The bytes
 * get their name only when length and checksum are right.
 *
 * @param onBytes called with the bytes that are there, from the start of the file
 * @throws DownloadMismatchError, HubUnavailableError, CancelledError, WeightWriteError
 */
export const downloadBlob = async (
  url: string,
  file: HubFile,
  blob: string,
  hub: HubConnection,
  subject: RequestSubject,
  onBytes: (done: number) => void,
): Promise<void> => {
  const part = `${blob}.incomplete`;
  for (let fresh = false; ; fresh = true) {
    try {
      const hex = await fetchInto(url, file, part, hub, subject, onBytes);
      if (hex === file.hash.hex) break;
      await rm(part, { force: true });
      // A part left by something else is worth one new download; a whole new one is not.
      if (fresh) throw new DownloadMismatchError(url, `${file.hash.algorithm} ${hex}`, file.hash.hex);
    } catch (error) {
      if (error instanceof DownloadMismatchError) await rm(part, { force: true });
      throw isNtkLensError(error) || !isSystemError(error) ? error : new WeightWriteError(blob, error);
    }
  }
  await rename(part, blob).catch((error: unknown) => {
    throw new WeightWriteError(blob, error);
  });
};

const fetchInto = async (
  url: string,
  file: HubFile,
  part: string,
  hub: HubConnection,
  subject: RequestSubject,
  onBytes: (done: number) => void,
): Promise<string> => {
  const started = await resumeFrom(part, file);
  const { done: from } = started;
  let { hash } = started;
  const handle = await open(part, from === 0 ? 'w' : 'r+');
  const typed = async (work: Promise<void>): Promise<void> => {
    await work.catch((error: unknown) => {
      throw new WeightWriteError(part, error);
    });
  };
  try {
    const sink = {
      write: async (chunk: Uint8Array, position: number) => {
        await typed(writeAll(handle, chunk, position));
        hash.update(chunk);
      },
      restart: () => {
        hash = newHash(file);
        return typed(handle.truncate(0));
      },
    };
    await fetchFile(url, file, hub, subject, sink, { from, onBytes });
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
};

/** What an earlier run left, hashed again so that the checksum covers every byte. */
const resumeFrom = async (part: string, file: HubFile): Promise<{ hash: Hash; done: number }> => {
  const hash = newHash(file);
  const size = await stat(part).then(
    (s) => s.size,
    () => 0,
  );
  if (size === 0 || size > file.size) return { hash, done: 0 };
  for await (const chunk of createReadStream(part)) hash.update(chunk as Uint8Array);
  return { hash, done: size };
};

const newHash = ({ hash, size }: HubFile): Hash =>
  hash.algorithm === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);

const writeAll = async (handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> => {
  for (let at = 0; at < chunk.length; ) {
    at += (await handle.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
  }
};

/** An error of the file system (ENOSPC, EACCES); network errors have a code too but no path or call of fs. */
const isSystemError = (error: unknown): boolean =>
  error instanceof Error &&
  'syscall' in error &&
  /^(open|write|read|ftruncate|fsync|rename|stat|mkdir|close)$/.test(String(error.syscall)) &&
  !/^(ECONN|EPIPE|ETIMEDOUT)/.test(String((error as NodeJS.ErrnoException).code));
