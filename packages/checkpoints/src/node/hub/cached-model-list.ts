import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedModels, cachePaths, missingFrom } from './cache-layout.js';
import { hubEnvironment } from './hub-environment.js';

/** A model in the Hugging Face cache. */
export interface CachedModel {
  /** Hub id, as `--model` and `resolveModel` take it. */
  readonly id: string;
  /** Commit of the newest whole snapshot, else of the newest one; undefined where there is none. */
  readonly commit?: string;
  /** The part that the snapshot lacks to be loaded; undefined when it is whole. */
  readonly missing?: string;
}

/**
 * The models in a Hugging Face cache directory, whole or not. No request is made.
 *
 * @example
 * ```ts
 * for (const { id, missing } of await cachedModelList()) console.log(id, missing ?? 'whole');
 * ```
 * @param cacheDirectory default: where huggingface_hub keeps models, as the environment says
 * @returns sorted by id; empty where there is no cache
 */
export const cachedModelList = async (cacheDirectory = hubEnvironment().cache): Promise<CachedModel[]> => {
  const list: CachedModel[] = [];
  for (const id of await cachedModels(cacheDirectory)) {
    const paths = cachePaths(cacheDirectory, id);
    const snapshots = paths.snapshot('');
    const commits = await readdir(snapshots).catch((): string[] => []);
    const dated = await Promise.all(
      commits.map(async (commit) => ({
        commit,
        time: (await stat(join(snapshots, commit)).catch(() => undefined))?.mtimeMs ?? 0,
      })),
    );
    const newest = dated.sort((a, b) => b.time - a.time);
    let found: CachedModel = { id, missing: 'it was never downloaded' };
    for (const [i, { commit }] of newest.entries()) {
      // A damaged shard index of another program must not hide the other models.
      const missing = await missingFrom(paths.snapshot(commit)).catch((error: Error) => error.message);
      if (missing === undefined) {
        found = { id, commit };
        break;
      }
      if (i === 0) found = { id, commit, missing };
    }
    list.push(found);
  }
  return list;
};
