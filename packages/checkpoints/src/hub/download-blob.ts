import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { CancelledError, isNtkLensError } from '@ntk-lens/core';
import { WeightWriteError } from '../weights/write-atomically.js';
import { DownloadMismatchError, HubUnavailableError } from './errors.js';
import type { HubFile } from './hub-api.js';
import { describe, type HubConnection, hubRequest, pause, type RequestSubject } from './hub-request.js';
import { readBody } from './read-body.js';

// A server that gives a few bytes per connection must not keep us for ever.
const maxConnections = 100;

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
  let { hash, done } = await resumeFrom(part, file);
  const handle = await open(part, done === 0 ? 'w' : 'r+');
  try {
    let idle = 0;
    onBytes(done);
    for (let connection = 0; done < file.size; connection++) {
      const before = done;
      try {
        const response = await hubRequest(url, done > 0 ? { range: `bytes=${done}-` } : {}, hub, subject);
        if (done > 0 && !continues(response, done)) {
          hash = newHash(file);
          done = 0;
          await handle.truncate(0);
        }
        await readBody(response, hub, async (chunk) => {
          if (done + chunk.length > file.size) {
            throw new DownloadMismatchError(url, `more than ${file.size} bytes`, `${file.size} bytes`);
          }
          await writeAll(handle, chunk, done);
          hash.update(chunk);
          done += chunk.length;
          onBytes(done);
        });
        if (done === file.size) break;
        if (done === before) throw new Error('the connection ended early');
      } catch (error) {
        if (hub.signal?.aborted) throw new CancelledError('The download');
        if (isNtkLensError(error) || isSystemError(error)) throw error;
        idle = done > before ? 0 : idle + 1;
        if (idle >= hub.attempts || connection >= maxConnections) {
          throw new HubUnavailableError(url, `${describe(error, hub)} after ${done} of ${file.size} bytes`, {
            cause: error,
          });
        }
        await pause(hub.backoff * 2 ** idle, hub.signal);
      }
    }
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

/** True when the answer goes on where we stopped; a server may ignore the range and send everything. */
const continues = (response: Response, done: number): boolean =>
  response.status === 206 && (response.headers.get('content-range') ?? '').startsWith(`bytes ${done}-`);

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
