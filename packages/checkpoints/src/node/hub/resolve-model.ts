import { stat } from 'node:fs/promises';
import { isError } from '@ntk-lens/core';
import { HubUnavailableError, ModelNotFoundError, OfflineModelError } from '../../hub/errors.js';
import { commitOf } from '../../hub/hub-api.js';
import { type HubOptions, hubConnection } from '../../hub/hub-connection.js';
import { checkedRevision, isHubId } from '../../hub/hub-id.js';
import { type HubConnection, RepositoryMissing } from '../../hub/hub-request.js';
import { cachedCommit, cachedModels, cachePaths, defaultCache, missingFrom } from './cache-layout.js';
import { downloadModel } from './download-model.js';

/** Options of {@link resolveModel}; the environment variables of Hugging Face fill what is not given. */
export interface ResolveModelOptions extends HubOptions {
  /** Cache directory; `HF_HUB_CACHE`, else `HF_HOME/hub`, else `~/.cache/huggingface/hub`. */
  readonly cacheDir?: string;
  /** `HF_ENDPOINT`, else `https://huggingface.co`. Use it for a mirror. */
  readonly endpoint?: string;
  /** `HF_TOKEN`. Needed for private and gated models; sent to the endpoint only. */
  readonly token?: string;
  /** `HF_HUB_OFFLINE`. No request is made; the model must be in the cache. */
  readonly offline?: boolean;
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
 * resuming what an earlier run began, with every file's checksum verified.
 *
 * @example
 * ```ts
 * const { directory } = await resolveModel('roberta-base', { onProgress: ({ done, total }) => … });
 * const config = await readModelConfig(directory);
 * ```
 * @param nameOrDirectory a directory, an embedded name, or a Hub id (`name` or `organization/name`)
 * @returns the directory, and what it is on the Hub
 * @throws ModelNotFoundError, which lists the models that are here
 * @throws HubAccessError, HubEntryNotFoundError, HubUnavailableError, HubProtocolError, DownloadMismatchError,
 *   OfflineModelError, CancelledError, WeightWriteError
 */
export const resolveModel = async (
  nameOrDirectory: string,
  options: ResolveModelOptions = {},
): Promise<ResolvedModel> => {
  const { embedded = {}, onProgress } = options;
  if (Object.hasOwn(embedded, nameOrDirectory)) return { directory: embedded[nameOrDirectory]! };
  const found = await stat(nameOrDirectory).catch(() => undefined);
  if (found?.isDirectory()) return { directory: nameOrDirectory };
  const cacheDirectory = options.cacheDir ?? defaultCache();
  const local = async () => [...Object.keys(embedded), ...(await cachedModels(cacheDirectory))];
  if (found) throw new ModelNotFoundError(nameOrDirectory, 'it is a file', await local());
  if (!isHubId(nameOrDirectory)) {
    throw new ModelNotFoundError(nameOrDirectory, 'no such directory, and not a Hub id', await local());
  }
  const model = nameOrDirectory;
  const revision = checkedRevision(options.revision);
  const paths = cachePaths(cacheDirectory, model);
  const known = await cachedCommit(paths, revision);
  const lacking = known === undefined ? 'it was never downloaded' : await missingFrom(paths.snapshot(known));
  const fromCache =
    known !== undefined && lacking === undefined
      ? { directory: paths.snapshot(known), id: model, commit: known }
      : undefined;
  // A commit never changes; a branch may have moved.
  if (fromCache && known === revision) return fromCache;
  if (options.offline ?? isSet(process.env['HF_HUB_OFFLINE'])) {
    if (fromCache) return fromCache;
    throw new OfflineModelError(model, revision, lacking ?? 'it is incomplete', await local());
  }
  try {
    const hub = connectionOf(options);
    // With a whole copy at hand an unreachable Hub is not worth waiting for.
    const commit = await commitOf(fromCache ? { ...hub, attempts: 1 } : hub, { model, revision });
    const directory = await downloadModel(model, revision, commit, paths, hub, onProgress);
    return { directory, id: model, commit };
  } catch (error) {
    if (error instanceof RepositoryMissing) {
      throw new ModelNotFoundError(
        model,
        'no such directory, and the Hub has no public model of this name',
        await local(),
      );
    }
    if (fromCache && isError(error, HubUnavailableError)) {
      onProgress?.({
        phase: 'download',
        done: 0,
        detail: `the Hub cannot be reached; using the cached ${fromCache.commit}`,
      });
      return fromCache;
    }
    throw error;
  }
};

/** A variable that is set to nothing is not set. */
const connectionOf = (options: ResolveModelOptions): HubConnection =>
  hubConnection({
    ...options,
    endpoint: options.endpoint ?? (process.env['HF_ENDPOINT'] || undefined),
    token: options.token ?? process.env['HF_TOKEN'],
  });

const isSet = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? '');
