import { weightCaps } from '../caps.js';
import {
  MissingShardsError,
  UnsafeShardNameError,
  WeightFileFormatError,
  WeightFileLimitError,
} from '../errors.js';
import { duplicateKey } from '../json/duplicate-key.js';

/**
 * The `weight_map` of a `*.index.json`: tensor name → shard file name.
 *
 * @param file name of the index in errors
 *
 * @throws UnsafeShardNameError if a shard is not a plain file name (it could leave the directory)
 * @throws WeightFileFormatError, WeightFileLimitError
 */
export const parseShardIndex = (text: string, file: string): ReadonlyMap<string, string> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new WeightFileFormatError(file, 'text that is not JSON', 'a shard index', { cause });
  }
  const map = (value as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new WeightFileFormatError(file, 'no "weight_map" object', 'a shard index');
  }
  const twice = duplicateKey(text);
  if (twice !== undefined)
    throw new WeightFileFormatError(file, `"${twice.slice(0, 120)}" twice`, 'every key once');
  const entries = Object.entries(map);
  if (entries.length === 0) throw new WeightFileFormatError(file, 'an empty "weight_map"', 'tensors');
  if (entries.length > weightCaps.maxTensors) {
    throw new WeightFileLimitError(file, 'maxTensors', entries.length, weightCaps.maxTensors);
  }
  const shards = new Set<string>();
  for (const [name, shard] of entries) {
    if (typeof shard !== 'string') {
      throw new WeightFileFormatError(
        file,
        `tensor "${name.slice(0, 120)}" without a shard name`,
        'a file name',
      );
    }
    if (!isPlainFileName(shard)) throw new UnsafeShardNameError(file, shard);
    shards.add(shard);
  }
  if (shards.size > weightCaps.maxShards) {
    throw new WeightFileLimitError(file, 'maxShards', shards.size, weightCaps.maxShards);
  }
  return new Map(entries as [string, string][]);
};

/** True for a name that stays in its directory on every operating system. */
export const isPlainFileName = (name: string): boolean =>
  /^[A-Za-z0-9_][A-Za-z0-9_.+=@ -]*$/.test(name) && name.length <= 255;

/**
 * Refuses an index whose shards are not all there.
 *
 * @param todo a sentence
 * @throws MissingShardsError, which lists them
 */
export const refuseMissingShards = (
  index: ReadonlyMap<string, string>,
  isPresent: (shard: string) => boolean,
  file: string,
  todo: string,
): void => {
  const shards = [...new Set(index.values())];
  const missing = shards.filter((shard) => !isPresent(shard));
  if (missing.length > 0)
    throw new MissingShardsError(file, missing, shards.length, shards.filter(isPresent), todo);
};
