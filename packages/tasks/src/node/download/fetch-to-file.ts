import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  CancelledError,
  type Continuation,
  fetchResumed,
  fetchThroughProxy,
  flushFile,
  isError,
  type LongTaskOptions,
  makeDirectory,
  type Patience,
  withinTime,
  writeWhole,
} from '@ntk-lens/core';
import {
  ChecksumError,
  HttpStatusError,
  OversizedDownloadError,
  TruncatedDownloadError,
  UnreachableError,
} from './errors.js';

/** Files larger than this are refused unless their size is published. */
const maxBytes = 2 * 1024 ** 3;

const defaultPatience = { stallTimeout: 30_000, leastRate: 1_000, backoff: 1_000 };

export interface FetchToFileOptions extends LongTaskOptions {
  /** Address of the file; `name` in messages is the documented address. */
  readonly url: string;
  readonly name: string;
  readonly target: string;
  /** SHA-256 that the file must have, and where it is known from. */
  readonly expected?: { readonly sha256: string; readonly origin: 'published' | 'recorded' };
  /** Published size. */
  readonly bytes?: number;
  /** Number of times that an interrupted transfer is resumed within this call. 2 if not given. */
  readonly retries?: number;
  /** Milliseconds without a byte after which a connection is given up; 30,000. */
  readonly stallTimeout?: number;
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
  await transfer({ ...options, retries }, part);
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
  const { url, name, signal, onProgress, retries = 0, stallTimeout = defaultPatience.stallTimeout } = options;
  const started = await resumable(url, part);
  let { validator } = started;
  let total: number | undefined;
  const allowed = options.bytes ?? maxBytes;
  const patience = { ...defaultPatience, signal, stallTimeout, attempts: retries + 1 };
  const file = await open(part, started.have > 0 ? 'r+' : 'w');
  try {
    await fetchResumed({
      patience,
      from: started.have,
      maxConnections: retries + 1,
      request: async (done) => {
        const answer = await askFrom(done, validator, options, patience);
        if (!answer) return undefined;
        ({ total } = answer);
        if (total !== undefined && total > allowed) {
          await answer.response.body?.cancel();
          throw new OversizedDownloadError(name, total, allowed);
        }
        validator = await remember(answer.response, url, part);
        return answer;
      },
      sink: {
        restart: () => file.truncate(0),
        write: async (chunk, position) => {
          if (position + chunk.length > allowed)
            throw new OversizedDownloadError(name, position + chunk.length, allowed);
          await file.write(chunk, 0, chunk.length, position);
        },
      },
      failed: (_reason, done, cause) => new TruncatedDownloadError(name, done, total, cause),
      onBytes: (done) => onProgress?.({ phase: `download ${name}`, done, unit: 'bytes', total }),
    });
    await flushFile(file);
  } catch (error) {
    if (isError(error, OversizedDownloadError) || (await file.stat()).size === 0) await forget(part);
    throw isError(error, CancelledError) ? new CancelledError(`Downloading ${name}`) : error;
  } finally {
    await file.close();
  }
};

/** Keeps what ties the part to the file that the server has now, where the server says so. */
const remember = async ({ headers }: Response, url: string, part: string): Promise<string | undefined> => {
  const validator = headers.get('etag') ?? headers.get('last-modified');
  if (validator === null || validator.startsWith('W/')) return undefined;
  await writeWhole(`${part}.json`, JSON.stringify({ url, validator }));
  return validator;
};

/** Asks for the rest of a file; undefined where the server says that there is none. */
const askFrom = async (
  done: number,
  validator: string | undefined,
  { url, name, signal }: Pick<FetchToFileOptions, 'url' | 'name' | 'signal'>,
  patience: Patience,
): Promise<Continuation | undefined> => {
  const resuming = done > 0 && validator !== undefined;
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (resuming) {
    headers['range'] = `bytes=${done}-`;
    headers['if-range'] = validator;
  }
  const response = await withinTime(patience.stallTimeout, signal, (limited) =>
    fetchThroughProxy(url, { headers, redirect: 'follow', signal: limited }),
  ).catch((error: unknown) => {
    if (signal?.aborted) throw new CancelledError(`Downloading ${name}`);
    throw new UnreachableError(name, error);
  });
  const found = response.headers.get('content-range') ?? '';
  if (response.status === 200) {
    const length = response.headers.get('content-length');
    return { response, from: 0, total: length === null ? undefined : Number(length) };
  }
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(found) ?? [];
  if (resuming && response.status === 206 && Number(from) === done)
    return { response, from: done, total: Number(total) };
  await response.body?.cancel();
  if (resuming && response.status === 416) {
    if (found === `bytes */${done}`) return undefined;
    // The file is a shorter one by now.
    return askFrom(0, undefined, { url, name, signal }, patience);
  }
  throw new HttpStatusError(name, response.status);
};
