import type { Hash } from 'node:crypto';
import { type FileHandle, rm } from 'node:fs/promises';
import { WeightWriteError } from '../../errors.js';
import { DownloadMismatchError } from '../../hub/errors.js';
import { fetchFile } from '../../hub/fetch-file.js';
import type { HubFile } from '../../hub/hub-api.js';
import type { HubConnection, RequestSubject } from '../../hub/hub-request.js';
import type { Watch } from '../../safetensors/header-watch.js';
import { newHash } from './hub-hash.js';
import { keepPart, leavePart, openPart, type PartFile } from './part-file.js';

/**
 * Downloads a file into `blob`, continuing by a range request what an earlier run left. The bytes get their name only
 * when length and checksum are right. Processes that download one file do so apart, and the last one's is kept.
 *
 * @param onBytes called with the bytes that are there, from the start of the file
 * @param watch sees the bytes as they arrive; what it throws ends the download, and nothing of the file is left
 * @throws DownloadMismatchError, HubUnavailableError, CancelledError, WeightWriteError
 */
export const downloadBlob = async (
  url: string,
  file: HubFile,
  blob: string,
  hub: HubConnection,
  subject: RequestSubject,
  onBytes: (done: number) => void,
  watch?: Watch,
): Promise<void> => {
  const part = await typed(blob, openPart(blob, file.size));
  try {
    let from = part.size;
    // A part left by something else is worth one new download; a whole new one is not.
    for (;;) {
      const hex = await fetchInto(url, file, part, from, hub, subject, onBytes, watch);
      if (hex === file.hash.hex) break;
      if (from === 0) throw new DownloadMismatchError(url, `${file.hash.algorithm} ${hex}`, file.hash.hex);
      from = 0;
    }
    await typed(blob, keepPart(part, blob));
  } catch (error) {
    if (error instanceof DownloadMismatchError) await rm(part.path, { force: true }).catch(() => {});
    throw error;
  } finally {
    await leavePart(part);
  }
};

/** @returns the hash of all bytes, those that were already there among them */
const fetchInto = async (
  url: string,
  file: HubFile,
  { path, handle }: PartFile,
  from: number,
  hub: HubConnection,
  subject: RequestSubject,
  onBytes: (done: number) => void,
  watch?: Watch,
): Promise<string> => {
  let hash = newHash(file.hash.algorithm, file.size);
  if (from === 0) await typed(path, handle.truncate(0));
  else await typed(path, hashStart(handle, from, hash));
  const sink = {
    write: async (chunk: Uint8Array, position: number) => {
      await typed(path, writeAll(handle, chunk, position));
      hash.update(chunk);
      await watch?.(chunk, position).catch(async (error: unknown) => {
        await typed(path, handle.truncate(0));
        throw error;
      });
    },
    restart: () => {
      hash = newHash(file.hash.algorithm, file.size);
      return typed(path, handle.truncate(0));
    },
  };
  await fetchFile(url, file, hub, subject, sink, { from, onBytes });
  return hash.digest('hex');
};

const hashStart = async (handle: FileHandle, size: number, hash: Hash): Promise<void> => {
  const stream = handle.createReadStream({ start: 0, end: size - 1, autoClose: false });
  for await (const chunk of stream) hash.update(chunk as Uint8Array);
};

const typed = <T>(file: string, work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw new WeightWriteError(file, error);
  });

const writeAll = async (handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> => {
  for (let at = 0; at < chunk.length; ) {
    at += (await handle.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
  }
};
