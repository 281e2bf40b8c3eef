import { failureOf, isNtkLensError, readBody, StalledError } from '@ntk-lens/core';
import { concatenated } from '../bytes.js';
import { HubProtocolError, HubUnavailableError } from './errors.js';
import { type HubConnection, hubRequest, patience, type RequestSubject } from './hub-request.js';

const maxAnswerBytes = 10_000_000;
const maxListedFiles = 10_000;
// The Hub lists a thousand files on a page.
const maxPages = 20;
// An answer may take as many times as long as a connection may be silent.
const maxWaits = 4;

/** A file of a model on the Hub. */
export interface HubFile {
  readonly name: string;
  readonly size: number;
  /** SHA-256 of the bytes for large files; for small ones git's SHA-1 of `blob <size>\0` and the bytes. */
  readonly hash: { readonly algorithm: 'sha256' | 'git-sha1'; readonly hex: string };
}

/** An entry of a listing, as far as it can be trusted. */
interface Entry {
  readonly type?: unknown;
  readonly path?: unknown;
  readonly size?: unknown;
  readonly oid?: unknown;
  readonly lfs?: { readonly oid?: unknown; readonly size?: unknown };
}

const isHex = (value: unknown, digits: number): value is string =>
  typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value);

/** The file that an entry is; undefined where it is none, or malformed. */
const fileOf = (entry: Entry | null): HubFile | undefined => {
  const { type, path: name, lfs } = entry ?? {};
  const { oid: hex, size } = lfs ?? entry ?? {};
  if (type !== 'file' || typeof name !== 'string') return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
  if (lfs) return isHex(hex, 64) ? { name, size, hash: { algorithm: 'sha256', hex } } : undefined;
  return isHex(hex, 40) ? { name, size, hash: { algorithm: 'git-sha1', hex } } : undefined;
};

/** The commit that a revision (branch, tag, commit) stands for. */
export const commitOf = async (hub: HubConnection, subject: RequestSubject): Promise<string> => {
  const url = `${hub.endpoint}/api/models/${subject.model}`;
  const query = `revision/${encodeURIComponent(subject.revision)}?expand=sha`;
  const { value } = await answer(`${url}/${query}`, hub, subject);
  const { sha } = (value ?? {}) as { readonly sha?: unknown };
  if (!isHex(sha, 40)) throw new HubProtocolError(url, 'no commit', 'a commit of 40 hexadecimal digits');
  return sha;
};

/** Files at the top of a model at a commit. Entries whose names or hashes are malformed are left out. */
export const filesOf = async (hub: HubConnection, subject: RequestSubject): Promise<readonly HubFile[]> => {
  const url = `${hub.endpoint}/api/models/${subject.model}/tree/${subject.revision}`;
  const files: HubFile[] = [];
  let seen = 0;
  let next: string | undefined = url;
  for (let page = 0; next !== undefined; page++) {
    const { value, headers }: Answer = await answer(next, hub, subject);
    if (!Array.isArray(value)) throw new HubProtocolError(url, 'no list', 'a list of files');
    seen += value.length;
    if (seen > maxListedFiles || page === maxPages)
      throw new HubProtocolError(url, `more than ${maxListedFiles} files or ${maxPages} pages`, 'a model');
    for (const entry of value as readonly (Entry | null)[]) {
      const file = fileOf(entry);
      if (file) files.push(file);
    }
    next = /<(https?:\/\/[^>]+)>;\s+rel="next"/.exec(headers.get('link') ?? '')?.[1];
  }
  return files;
};

interface Answer {
  readonly value: unknown;
  readonly headers: Headers;
}

/** The JSON value of a bounded answer. */
const answer = async (url: string, hub: HubConnection, subject: RequestSubject): Promise<Answer> => {
  const response = await hubRequest(url, { accept: 'application/json' }, hub, subject);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const longest = maxWaits * patience(hub, subject);
  const start = performance.now();
  try {
    await readBody(response, hub, (chunk) => {
      size += chunk.length;
      if (performance.now() - start > longest)
        throw new HubUnavailableError(url, subject, `no whole answer within ${longest / 1000} s`);
      if (size > maxAnswerBytes) throw new HubProtocolError(url, `more than ${maxAnswerBytes} bytes`, 'less');
      chunks.push(chunk);
    });
  } catch (cause) {
    if (isNtkLensError(cause)) throw cause;
    const reason = cause instanceof StalledError ? failureOf(cause) : 'the answer broke off';
    throw new HubUnavailableError(url, subject, reason, { cause });
  }
  try {
    return { value: JSON.parse(new TextDecoder().decode(concatenated(chunks))), headers: response.headers };
  } catch (cause) {
    throw new HubProtocolError(url, 'an answer that makes no sense', 'JSON of the Hub', { cause });
  }
};
