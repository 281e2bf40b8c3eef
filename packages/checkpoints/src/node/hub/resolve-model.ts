import { stat } from 'node:fs/promises';
import { fetchThroughProxy, isError } from '@ntk-lens/core';
import { WeightWriteError } from '../../errors.js';
import { HubUnavailableError, ModelNotFoundError, OfflineModelError } from '../../hub/errors.js';
import { commitOf } from '../../hub/hub-api.js';
import { type HubOptions, hubConnection } from '../../hub/hub-connection.js';
import { checkedRevision, isHubId } from '../../hub/hub-id.js';
import { type HubConnection, RepositoryMissing } from '../../hub/hub-request.js';
import { cachedCommit, cachedModels, cachePaths, missingFrom, onlySnapshot } from './cache-layout.js';
import { downloadModel, type ModelCheck } from './download-model.js';
import { type HubEnvironment, hubEnvironment, implicitToken } from './hub-environment.js';
import { removeDamaged, verifySnapshot } from './verify-snapshot.js';

/** Options of {@link resolveModel}; the environment variables of Hugging Face fill what is not given. */
export interface ResolveModelOptions extends HubOptions {
  /** Cache directory; `HF_HUB_CACHE`, else `HF_HOME/hub`, else `~/.cache/huggingface/hub`, as huggingface_hub finds it. */
  readonly cacheDir?: string;
  /** `HF_ENDPOINT`, else `https://huggingface.co`. Use it for a mirror. */
  readonly endpoint?: string;
  /** `HF_TOKEN`, else what `hf auth login` left. Needed for private and gated models; sent to the endpoint only. */
  readonly token?: string;
  /** `HF_HUB_OFFLINE`. No request is made; the model must be in the cache. */
  readonly offline?: boolean;
  /** Hashes the files that are in the cache; damaged ones are downloaded again, or refused where that cannot be. */
  readonly verify?: boolean;
  /**
   * Looks at a model before its weights are downloaded: when config.json is there, and again when the
   * tokenizer's files are. An error that it throws ends the download.
   */
  readonly check?: ModelCheck;
  /** Names that stand for directories, such as the embedded model's. */
  readonly embedded?: Readonly<Record<string, string>>;
}

/** A model on this machine. */
export interface ResolvedModel {
  readonly directory: string;
  /** Hub id and commit, when it came from the Hub. */
  readonly id?: string;
  readonly commit?: string;
}

/**
 * Finds a model: a directory is itself; a Hub id is downloaded once into the standard Hugging Face cache,
 * resuming what an earlier run began, with every file's checksum verified. A cache that cannot be written serves what it
 * holds.
 *
 * @example
 * ```ts
 * const { directory } = await resolveModel('roberta-base', { onProgress: ({ done, total }) => console.log(done, total) });
 * const config = await readModelConfig(directory);
 * ```
 * @param nameOrDirectory a directory, an embedded name, or a Hub id (`name` or `organization/name`)
 * @returns the directory, and what it is on the Hub
 * @throws ModelNotFoundError, which lists the models that are here
 * @throws HubAccessError, HubEntryNotFoundError, HubUnavailableError, HubProtocolError, DownloadMismatchError,
 *   OfflineModelError, CancelledError, WeightWriteError
 * @throws DamagedCacheError with `verify`, where a damaged file cannot be downloaded again
 */
export const resolveModel = async (
  nameOrDirectory: string,
  options: ResolveModelOptions = {},
): Promise<ResolvedModel> => {
  const { embedded = {}, onProgress } = options;
  if (Object.hasOwn(embedded, nameOrDirectory)) return { directory: embedded[nameOrDirectory]! };
  const found = await stat(nameOrDirectory).catch(() => undefined);
  if (found?.isDirectory()) return { directory: nameOrDirectory };
  const environment = hubEnvironment();
  const cacheDirectory = options.cacheDir ?? environment.cache;
  const local = async () => [...Object.keys(embedded), ...(await cachedModels(cacheDirectory))];
  if (found) throw new ModelNotFoundError(nameOrDirectory, 'it is a file', await local());
  if (!isHubId(nameOrDirectory)) {
    throw new ModelNotFoundError(nameOrDirectory, 'no such directory, and not a Hub id', await local());
  }
  const model = nameOrDirectory;
  const revision = checkedRevision(options.revision);
  const paths = cachePaths(cacheDirectory, model);
  const offline = options.offline ?? environment.offline;
  const known = (await cachedCommit(paths, revision)) ?? (await onlySnapshot(paths, revision));
  const verifying = { signal: options.signal, onProgress };
  if (options.verify && known !== undefined) {
    if (offline) await verifySnapshot(paths.snapshot(known), verifying);
    else await removeDamaged(paths.snapshot(known), verifying);
  }
  const lacking = known === undefined ? 'it was never downloaded' : await missingFrom(paths.snapshot(known));
  const fromCache =
    known !== undefined && lacking === undefined
      ? { directory: paths.snapshot(known), id: model, commit: known }
      : undefined;
  // A commit never changes; a branch may have moved.
  if (fromCache && known === revision) return fromCache;
  if (offline) {
    if (fromCache) return fromCache;
    throw new OfflineModelError(model, revision, lacking ?? 'it is incomplete', await local());
  }
  try {
    const hub = connectionOf(options, environment);
    // With a whole copy at hand an unreachable Hub is not worth waiting for.
    const commit = await commitOf(fromCache ? { ...hub, attempts: 1 } : hub, { model, revision });
    const directory = await downloadModel(model, revision, commit, paths, hub, {
      onProgress,
      check: options.check,
      copies: environment.copies,
      verify: options.verify,
    });
    return { directory, id: model, commit };
  } catch (error) {
    if (error instanceof RepositoryMissing) {
      throw new ModelNotFoundError(
        model,
        'no such directory, and the Hub has no public model of this name',
        await local(),
      );
    }
    const why = isError(error, HubUnavailableError)
      ? 'the Hub cannot be reached'
      : isError(error, WeightWriteError) && 'the cache cannot be written';
    if (!fromCache || !why) throw error;
    onProgress?.({ phase: 'download', done: 0, detail: `${why}; using the cached ${fromCache.commit}` });
    return fromCache;
  }
};

/** Options that are not given come from the environment. */
const connectionOf = (options: ResolveModelOptions, environment: HubEnvironment): HubConnection => ({
  ...hubConnection({
    ...options,
    endpoint: options.endpoint ?? environment.endpoint,
    token: options.token ?? implicitToken(),
    stallTimeout: options.stallTimeout ?? environment.downloadTimeout,
  }),
  metadataTimeout: options.stallTimeout ?? environment.metadataTimeout,
  fetch: fetchThroughProxy,
});
