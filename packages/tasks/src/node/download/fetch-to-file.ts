import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CancelledError, type LongTaskOptions, makeDirectory, writeWhole } from '@ntk-lens/core';
import {
  ChecksumError,
  HttpStatusError,
  OversizedDownloadError,
  TruncatedDownloadError,
  UnreachableError,
} from './errors.js';

/** Files larger than this are refused unless their size is published. */
const maxBytes = 2 * 1024 ** 3;

export interface FetchToFileOptions extends LongTaskOptions {
  /** Where the file is found; `name` in messages is the documented address. */
  readonly url: string;
  readonly name: string;
  readonly target: string;
  /** SHA-256 that the file must have, and where it is known from. */
  readonly expected?: { readonly sha256: string; readonly origin: 'published' | 'recorded' };
  /** Published size. */
  readonly bytes?: number;
  /** How often an interrupted transfer is resumed within this call. 2 if not given. */
  readonly retries?: number;
}

/**
 * Downloads a file: into `<target>.part`, resumed where the server allows it, checked, then renamed.
 *
 * @returns size and SHA-256 of the file
 * @throws UnreachableError, HttpStatusError, TruncatedDownloadError, OversizedDownloadError, ChecksumError, CancelledError
 */
export const fetchToFile = async (
  options: FetchToFileOptions,
): Promise<{ bytes: number; sha256: string }> => {
  const { target, name, expected, retries = 2 } = options;
  const part = `${target}.part`;
  await makeDirectory(dirname(target));
  for (let attempt = 0; ; attempt++) {
    try {
      await transfer(options, part);
      break;
    } catch (error) {
      if (!(error instanceof TruncatedDownloadError) || attempt >= retries) throw error;
    }
  }
  const sha256 = await sha256Of(part);
  if (expected !== undefined && sha256 !== expected.sha256) {
    await forget(part);
    throw new ChecksumError(name, sha256, expected.sha256, expected.origin);
  }
  const bytes = (await stat(part)).size;
  await rename(part, target);
  await forget(part);
  return { bytes, sha256 };
};

/** SHA-256 of a file, as hexadecimal digits. */
export const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

const forget = async (part: string): Promise<void> => {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
};

/** Bytes already here, and the validator that ties them to what the server has now. */
const resumable = async (url: string, part: string): Promise<{ have: number; validator?: string }> => {
  try {
    const state = JSON.parse(await readFile(`${part}.json`, 'utf8')) as {
      url?: unknown;
      validator?: unknown;
    };
    const { size } = await stat(part);
    if (state.url === url && typeof state.validator === 'string' && size > 0) {
      return { have: size, validator: state.validator };
    }
  } catch {
    // No part, or its state is not readable: start over.
  }
  await forget(part);
  return { have: 0 };
};

const transfer = async (options: FetchToFileOptions, part: string): Promise<void> => {
  const { url, name, signal, onProgress } = options;
  const { have, validator } = await resumable(url, part);
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (validator !== undefined) {
    headers['range'] = `bytes=${have}-`;
    headers['if-range'] = validator;
  }
  const response = await request(options, headers);
  if (response.status === 416 && validator !== undefined) {
    await response.body?.cancel();
    if (response.headers.get('content-range') === `bytes */${have}`) return;
    await forget(part);
    throw new TruncatedDownloadError(name, 0, undefined);
  }
  if (response.status !== 200 && response.status !== 206) {
    await response.body?.cancel();
    throw new HttpStatusError(name, response.status);
  }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const append = response.status === 206 && range !== null && Number(range[1]) === have;
  if (response.status === 206 && !append) {
    await response.body?.cancel();
    await forget(part);
    throw new TruncatedDownloadError(name, 0, undefined);
  }
  const length = response.headers.get('content-length');
  const total = append ? Number(range?.[2]) : length === null ? undefined : Number(length);
  const allowed = options.bytes ?? maxBytes;
  let done = append ? have : 0;
  if (total !== undefined && total > allowed) {
    await response.body?.cancel();
    await forget(part);
    throw new OversizedDownloadError(name, total, allowed);
  }
  const fresh = response.headers.get('etag') ?? response.headers.get('last-modified');
  if (fresh !== null && !fresh.startsWith('W/')) {
    await writeWhole(`${part}.json`, JSON.stringify({ url, validator: fresh }));
  }
  const file = await open(part, append ? 'a' : 'w');
  const report = (): void =>
    onProgress?.({
      phase: `download ${name}`,
      done,
      unit: 'bytes',
      total,
    });
  try {
    report();
    for await (const chunk of response.body ?? []) {
      done += chunk.byteLength;
      if (done > allowed) throw new OversizedDownloadError(name, done, allowed);
      await file.write(chunk);
      report();
    }
    await file.sync();
  } catch (error) {
    if (error instanceof OversizedDownloadError) await forget(part);
    if (signal?.aborted) throw new CancelledError(`Downloading ${name}`);
    if (error instanceof TypeError) throw new TruncatedDownloadError(name, done, total, error);
    throw error;
  } finally {
    await file.close();
  }
  if (total !== undefined && done !== total) throw new TruncatedDownloadError(name, done, total);
};

const request = async (
  { url, name, signal }: FetchToFileOptions,
  headers: Record<string, string>,
): Promise<Response> => {
  try {
    return await fetch(url, { headers, redirect: 'follow', signal });
  } catch (error) {
    if (signal?.aborted) throw new CancelledError(`Downloading ${name}`);
    throw new UnreachableError(name, error);
  }
};
