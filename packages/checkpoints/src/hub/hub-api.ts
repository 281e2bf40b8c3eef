import { listFiles, modelInfo } from '@huggingface/hub';
import { isNtkLensError } from '@ntk-lens/core';
import { concatenated } from '../bytes.js';
import { HubProtocolError, HubUnavailableError } from './errors.js';
import {
  describe,
  type HubConnection,
  hubRequest,
  RepositoryMissing,
  type RequestSubject,
  StalledError,
} from './hub-request.js';
import { readBody } from './read-body.js';

const maxAnswerBytes = 10_000_000;
const maxListedFiles = 10_000;

/** A file of a model on the Hub. */
export interface HubFile {
  readonly name: string;
  readonly size: number;
  /** SHA-256 of the bytes for large files; for small ones git's SHA-1 of `blob <size>\0` and the bytes. */
  readonly hash: { readonly algorithm: 'sha256' | 'git-sha1'; readonly hex: string };
}

/** The commit that a revision (branch, tag, commit) stands for. */
export const commitOf = async (hub: HubConnection, subject: RequestSubject): Promise<string> => {
  const url = `${hub.endpoint}/api/models/${subject.model}`;
  const info = await typed(url, () =>
    modelInfo({
      name: subject.model,
      revision: subject.revision,
      hubUrl: hub.endpoint,
      additionalFields: ['sha'],
      fetch: apiFetch(hub, subject),
    }),
  );
  const sha: unknown = info.sha;
  if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha)) {
    throw new HubProtocolError(url, 'no commit', 'a commit of 40 hexadecimal digits');
  }
  return sha;
};

/** Files at the top of a model at a commit. Entries whose names or hashes are malformed are left out. */
export const filesOf = async (hub: HubConnection, subject: RequestSubject): Promise<readonly HubFile[]> => {
  const url = `${hub.endpoint}/api/models/${subject.model}/tree/${subject.revision}`;
  return typed(url, async () => {
    const files: HubFile[] = [];
    let seen = 0;
    const listing = listFiles({
      repo: { type: 'model', name: subject.model },
      revision: subject.revision,
      hubUrl: hub.endpoint,
      fetch: apiFetch(hub, subject),
    });
    for await (const { type, path, size, oid, lfs } of listing) {
      if (++seen > maxListedFiles)
        throw new HubProtocolError(url, `more than ${maxListedFiles} files`, 'a model');
      if (type !== 'file' || typeof path !== 'string') continue;
      const bytes = lfs?.size ?? size;
      if (!Number.isSafeInteger(bytes) || bytes < 0) continue;
      if (typeof lfs?.oid === 'string' && /^[0-9a-f]{64}$/.test(lfs.oid)) {
        files.push({ name: path, size: bytes, hash: { algorithm: 'sha256', hex: lfs.oid } });
      } else if (typeof oid === 'string' && /^[0-9a-f]{40}$/.test(oid) && lfs === undefined) {
        files.push({ name: path, size: bytes, hash: { algorithm: 'git-sha1', hex: oid } });
      }
    }
    return files;
  });
};

/** The `fetch` that `@huggingface/hub` is given: our request, and an answer of bounded size. */
const apiFetch =
  (hub: HubConnection, subject: RequestSubject): typeof fetch =>
  async (input) => {
    const url = input instanceof Request ? input.url : String(input);
    const response = await hubRequest(url, { accept: 'application/json' }, hub, subject);
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      await readBody(response, hub, (chunk) => {
        size += chunk.length;
        if (size > maxAnswerBytes)
          throw new HubProtocolError(url, `more than ${maxAnswerBytes} bytes`, 'less');
        chunks.push(chunk);
      });
    } catch (error) {
      if (isNtkLensError(error)) throw error;
      throw new HubUnavailableError(
        url,
        error instanceof StalledError ? describe(error, hub) : 'the answer broke off',
        {
          cause: error,
        },
      );
    }
    return new Response(concatenated(chunks), { status: 200, headers: response.headers });
  };

/** Errors of the library about what came back (no JSON, no list) as ours. */
const typed = async <T>(url: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (isNtkLensError(error) || error instanceof RepositoryMissing) throw error;
    throw new HubProtocolError(url, 'an answer that makes no sense', 'JSON of the Hub', { cause: error });
  }
};
