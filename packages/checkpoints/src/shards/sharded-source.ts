import { BadArgumentError } from '@ntk-lens/core';
import { WeightFileFormatError } from '../errors.js';
import type { WeightSource } from '../source/weight-source.js';
import { parseShardIndex } from './shard-index.js';

/**
 * Opens every shard that an index names, as one source.
 *
 * @example
 * ```ts
 * const index = await (await fetch('/model/model.safetensors.index.json')).text();
 * const source = await shardsFrom(index, async (name) => safetensorsFrom(await (await fetch(`/model/${name}`)).blob(), name));
 * ```
 * @param text text of the index, a `*.index.json`
 * @param open opens one shard by its file name
 * @param name name of the index in errors
 * @throws WeightFileFormatError if the index is none, or a shard lacks a tensor that the index places in it
 * @throws UnsafeShardNameError if a shard is not a plain file name; WeightFileLimitError
 */
export const shardsFrom = async (
  text: string,
  open: (shard: string) => Promise<WeightSource>,
  name = 'The index',
): Promise<WeightSource> => {
  const map = parseShardIndex(text, name);
  const shards = new Map<string, WeightSource>();
  const close = async () => {
    await Promise.all([...shards.values()].map((shard) => shard.close()));
  };
  const holder = (tensor: string): WeightSource => {
    const shard = shards.get(map.get(tensor) ?? '');
    if (shard === undefined) throw new BadArgumentError('tensor name', tensor, `a tensor of ${name}`);
    return shard;
  };
  try {
    for (const shard of new Set(map.values())) shards.set(shard, await open(shard));
    for (const [tensor, shard] of map) {
      if (!shards.get(shard)?.has(tensor)) {
        throw new WeightFileFormatError(
          name,
          `tensor "${tensor.slice(0, 120)}" placed in ${shard}`,
          'it to be there',
        );
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    names: [...map.keys()],
    has: (tensor) => map.has(tensor),
    info: (tensor) => holder(tensor).info(tensor),
    read: async (tensor) => holder(tensor).read(tensor),
    bytes: (tensor) => holder(tensor).bytes(tensor),
    close,
  };
};
