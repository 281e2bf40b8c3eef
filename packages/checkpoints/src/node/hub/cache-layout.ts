import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { WeightWriteError } from '../../errors.js';
import { readShardIndex } from '../read-shard-index.js';
import { writeAtomically } from '../write-atomically.js';

/** Paths of one model in a Hugging Face cache: `models--org--name/{blobs,refs,snapshots}`. */
export interface CachePaths {
  blob(hex: string): string;
  ref(revision: string): string;
  snapshot(commit: string): string;
}

/** The folders of a model in a cache directory. */
export const cachePaths = (cacheDirectory: string, model: string): CachePaths => {
  const folder = join(cacheDirectory, `models--${model.replaceAll('/', '--')}`);
  return {
    blob: (hex) => join(folder, 'blobs', hex),
    ref: (revision) => join(folder, 'refs', ...revision.split('/')),
    snapshot: (commit) => join(folder, 'snapshots', commit),
  };
};

/** Ids of the models in a cache directory. */
export const cachedModels = async (cacheDirectory: string): Promise<string[]> => {
  const names = await readdir(cacheDirectory).catch(() => []);
  return names
    .filter((name) => name.startsWith('models--'))
    .map((name) => name.slice('models--'.length).replaceAll('--', '/'))
    .sort();
};

/** The commit that a revision stood for when it was last downloaded. */
export const cachedCommit = async (paths: CachePaths, revision: string): Promise<string | undefined> => {
  if (/^[0-9a-f]{40}$/.test(revision)) return revision;
  const text = await readFile(paths.ref(revision), 'utf8').catch(() => '');
  return /^[0-9a-f]{40}$/.test(text.trim()) ? text.trim() : undefined;
};

/** The snapshot that `main` stands for in a cache that has no note of it but holds one commit: a copy of another cache. */
export const onlySnapshot = async (paths: CachePaths, revision: string): Promise<string | undefined> => {
  if (revision !== 'main') return undefined;
  const entries = await readdir(paths.snapshot(''), { withFileTypes: true }).catch(() => []);
  const [only, ...others] = entries
    .filter((entry) => entry.isDirectory() && /^[0-9a-f]{40}$/.test(entry.name))
    .map(({ name }) => name);
  return others.length === 0 ? only : undefined;
};

/** The part that a snapshot lacks to be loaded, or undefined when it is whole. */
export const missingFrom = async (directory: string): Promise<string | undefined> => {
  const has = (name: string) =>
    stat(join(directory, name)).then(
      (s) => s.isFile(),
      () => false,
    );
  if (!(await has('config.json'))) return 'config.json is missing';
  // Another program may have asked for the weights alone.
  if (!(await has('tokenizer.json')) && !(await has('vocab.json')) && !(await has('vocab.txt'))) {
    return 'its tokenizer is missing';
  }
  if ((await has('model.safetensors')) || (await has('pytorch_model.bin'))) return undefined;
  for (const index of ['model.safetensors.index.json', 'pytorch_model.bin.index.json']) {
    if (!(await has(index))) continue;
    const map = await readShardIndex(join(directory, index));
    for (const shard of new Set(map.values())) if (!(await has(shard))) return `${shard} is missing`;
    return undefined;
  }
  return 'its weights are missing';
};

/**
 * Makes a file of a snapshot point to its blob; a copy where links are not allowed or not wanted. Others who read or link the same file
 * meanwhile find the old or the new one.
 */
export const linkBlob = async (blob: string, pointer: string, copies: boolean): Promise<void> => {
  const made = `${pointer}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(pointer), { recursive: true });
    const target = relative(dirname(pointer), blob);
    const linked =
      !copies &&
      (await symlink(target, made).then(
        () => true,
        () => false,
      ));
    if (!linked) await copyFile(blob, made);
    await rename(made, pointer);
  } catch (cause) {
    await rm(made, { force: true }).catch(() => {});
    throw new WeightWriteError(pointer, cause);
  }
};

/** Remembers the commit of a branch or tag, for offline use; a cache that cannot be written goes without. */
export const writeRef = async (paths: CachePaths, revision: string, commit: string): Promise<void> => {
  if ((await cachedCommit(paths, revision)) === commit) return;
  await writeAtomically(paths.ref(revision), commit).catch(() => {});
};
