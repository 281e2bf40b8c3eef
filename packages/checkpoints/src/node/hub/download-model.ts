import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LongTaskOptions } from '@ntk-lens/core';
import { WeightWriteError } from '../../errors.js';
import { HubEntryNotFoundError } from '../../hub/errors.js';
import { filesOf, type HubFile } from '../../hub/hub-api.js';
import type { HubConnection } from '../../hub/hub-request.js';
import { headerWatch, type Watch } from '../../safetensors/header-watch.js';
import { isPlainFileName, refuseMissingShards } from '../../shards/shard-index.js';
import { type KnownTensors, knownTensors, type WeightInfo } from '../../source/weight-source.js';
import { weightFileNames } from '../open-weights.js';
import { readShardIndex } from '../read-shard-index.js';
import { type CachePaths, linkBlob, missingFrom, writeRef } from './cache-layout.js';
import { downloadBlob } from './download-blob.js';
import { hashOfFile } from './hub-hash.js';

const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'vocab.txt',
];

/**
 * Looks at a directory that has config.json, then the tokenizer's files, too, and then at what is known of the weights before they
 * are downloaded; what it throws ends a download.
 */
export type ModelCheck = (
  directory: string,
  has: 'config' | 'tokenizer' | 'weights',
  weights?: KnownTensors,
) => Promise<unknown>;

/** Settings of a model's download. */
export interface DownloadModelOptions extends Pick<LongTaskOptions, 'onProgress'> {
  readonly check?: ModelCheck;
  /** Files of the snapshot are copies of blobs and no links to them. */
  readonly copies?: boolean;
  /** Files that are there are hashed. */
  readonly verify?: boolean;
}

/**
 * Downloads what is needed of a model — config.json, tokenizer files, one set of weights — into the cache.
 * Files that are already there are not asked for again.
 * `check` may refuse the model before its weights are asked for.
 *
 * @returns the snapshot directory
 */
export const downloadModel = async (
  model: string,
  revision: string,
  commit: string,
  paths: CachePaths,
  hub: HubConnection,
  { onProgress, check, copies = false, verify = false }: DownloadModelOptions,
): Promise<string> => {
  const snapshot = paths.snapshot(commit);
  const listed = new Map<string, HubFile>();
  for (const file of await filesOf(hub, { model, revision: commit })) {
    if (isPlainFileName(file.name)) listed.set(file.name, file);
  }
  const weights = weightFileNames.find((name) => listed.has(name));
  if (!listed.has('config.json'))
    throw new HubEntryNotFoundError(`config.json of "${model}"`, 'a model with one');
  if (weights === undefined) {
    throw new HubEntryNotFoundError(`A weight file of "${model}"`, `one of ${weightFileNames.join(', ')}`);
  }
  let total = 0;
  let finished = 0;
  const get = async (names: readonly string[], watchOf?: (file: HubFile) => Watch): Promise<void> => {
    const files = names.map((name) => listed.get(name)!);
    total += files.reduce((sum, file) => sum + file.size, 0);
    for (const file of files) {
      const report = (done: number): void =>
        onProgress?.({ phase: 'download', done: finished + done, total, unit: 'bytes', detail: file.name });
      await getFile(file, report, watchOf?.(file));
      finished += file.size;
      report(0);
    }
  };
  const getFile = async (file: HubFile, report: (done: number) => void, watch?: Watch): Promise<void> => {
    const pointer = join(snapshot, file.name);
    const blob = paths.blob(file.hash.hex);
    if ((await hasSize(pointer, file.size)) && (!verify || (await isWhole(pointer, file)))) return;
    // A file that nothing points to yet may be anything of this size.
    if (!(await hasSize(blob, file.size)) || !(await isWhole(blob, file))) {
      await mkdir(dirname(blob), { recursive: true }).catch((cause: unknown) => {
        throw new WeightWriteError(blob, cause);
      });
      const url = `${hub.endpoint}/${model}/resolve/${commit}/${encodeURIComponent(file.name)}`;
      await downloadBlob(url, file, blob, hub, { model, revision, file: file.name }, report, watch);
    }
    await linkBlob(blob, pointer, copies);
  };
  const isThere =
    (await hasSize(join(snapshot, weights), listed.get(weights)!.size)) &&
    (await missingFrom(snapshot)) === undefined;
  const look = isThere ? undefined : check;
  await get(['config.json']);
  await look?.(snapshot, 'config');
  await get(tokenizerFiles.filter((name) => listed.has(name)));
  await look?.(snapshot, 'tokenizer');
  /** Sees the headers of weight files as they arrive; `names` is what an index lists, and else the header says. */
  const watching =
    (infos: Map<string, WeightInfo>, names?: readonly string[]) =>
    (file: HubFile): Watch =>
      headerWatch(`${file.name} of "${model}"`, file.size, async (tensors) => {
        for (const [name, info] of tensors) infos.set(name, info);
        await look?.(snapshot, 'weights', knownTensors(infos, names));
      });
  if (weights.endsWith('.index.json')) {
    await get([weights]);
    const map = await readShardIndex(join(snapshot, weights));
    const todo = 'Ask its author to upload the missing ones, or use another model.';
    refuseMissingShards(map, (shard) => listed.has(shard), `${weights} of "${model}"`, todo);
    const [infos, names] = [new Map<string, WeightInfo>(), [...map.keys()]];
    await look?.(snapshot, 'weights', knownTensors(infos, names));
    await get([...new Set(map.values())], watching(infos, names));
  } else await get([weights], watching(new Map()));
  if (revision !== commit) await writeRef(paths, revision, commit);
  return snapshot;
};

const hasSize = (path: string, size: number): Promise<boolean> =>
  stat(path).then(
    (s) => s.isFile() && s.size === size,
    () => false,
  );

const isWhole = async (path: string, { hash }: HubFile): Promise<boolean> =>
  (await hashOfFile(path, hash.algorithm)) === hash.hex;
