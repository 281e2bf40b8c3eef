import { sha1 } from '@noble/hashes/legacy.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { sha256 } from '@ntk-lens/core';
import {
  DownloadMismatchError,
  HubEntryNotFoundError,
  HubProtocolError,
  ModelNotFoundError,
} from './errors.js';
import { fetchFile } from './fetch-file.js';
import { commitOf, filesOf, type HubFile } from './hub-api.js';
import { type HubOptions, hubConnection } from './hub-connection.js';
import { checkedRevision, isHubId } from './hub-id.js';
import { RepositoryMissing } from './hub-request.js';

/** The files of a model on the Hub at one commit. */
export interface HubModel {
  readonly id: string;
  readonly commit: string;
  /** Bytes of each file at the top of the model. */
  readonly files: ReadonlyMap<string, number>;
  /**
   * Downloads a file into memory; its length and checksum are verified.
   *
   * @throws HubEntryNotFoundError, HubAccessError, HubUnavailableError, HubProtocolError, DownloadMismatchError,
   *   CancelledError
   */
  fetch(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Asks the Hub for a model; works in a browser. Nothing is kept: `resolveModel` of Node downloads into the cache.
 *
 * @example
 * ```ts
 * const model = await hubModel('roberta-base', { onProgress: ({ done, total }) => console.log(done, total) });
 * const weights = await safetensorsFrom(await model.fetch('model.safetensors'), 'model.safetensors');
 * ```
 * @param id Hub id, `name` or `organization/name`
 * @throws ModelNotFoundError, HubAccessError, HubEntryNotFoundError for a revision, HubUnavailableError,
 *   HubProtocolError, BadArgumentError, CancelledError
 * @experimental
 */
export const hubModel = async (id: string, options: HubOptions = {}): Promise<HubModel> => {
  if (!isHubId(id)) throw new ModelNotFoundError(id, 'it is no Hub id', []);
  const revision = checkedRevision(options.revision);
  const hub = hubConnection(options);
  return found(id, async () => {
    const commit = await commitOf(hub, { model: id, revision });
    const files = new Map((await filesOf(hub, { model: id, revision: commit })).map((f) => [f.name, f]));
    return {
      id,
      commit,
      files: new Map([...files].map(([name, { size }]) => [name, size])),
      fetch: (name) =>
        found(id, async () => {
          const file = files.get(name);
          if (!file) throw new HubEntryNotFoundError(`${name} of "${id}"`, [...files.keys()].join(', '));
          const url = `${hub.endpoint}/${id}/resolve/${commit}/${encodeURIComponent(name)}`;
          const bytes = memoryFor(file, url);
          const sink = { write: (chunk: Uint8Array, at: number) => bytes.set(chunk, at), restart: () => {} };
          const onBytes = (done: number) =>
            options.onProgress?.({ phase: 'download', done, total: file.size, unit: 'bytes', detail: name });
          await fetchFile(url, file, hub, { model: id, revision, file: name }, sink, { onBytes });
          const hex = hashOf(file, bytes);
          if (hex !== file.hash.hex)
            throw new DownloadMismatchError(url, `${file.hash.algorithm} ${hex}`, file.hash.hex);
          return bytes;
        }),
    };
  });
};

const memoryFor = ({ size }: HubFile, url: string): Uint8Array<ArrayBuffer> => {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new HubProtocolError(url, `${size} bytes`, 'a file that fits into memory', { cause });
  }
};

const found = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RepositoryMissing)) throw error;
    throw new ModelNotFoundError(id, 'the Hub has no public model of this name', []);
  }
};

const hashOf = ({ hash }: HubFile, bytes: Uint8Array): string =>
  hash.algorithm === 'sha256'
    ? sha256().update(bytes).hex()
    : bytesToHex(sha1(concatBytes(utf8ToBytes(`blob ${bytes.length}\0`), bytes)));
