import { dirname, join } from 'node:path';
import { BadArgumentError } from '@ntk-lens/core';
import { WeightFileFormatError } from './errors.js';
import { readShardIndex } from './shard-index.js';
import type { WeightSource } from './weight-source.js';

/**
 * Opens every shard that an index names, as one source.
 *
 * @param open opens one shard
 * @throws WeightFileFormatError if a shard lacks a tensor that the index places in it
 */
export const openShards = async (
  index: string,
  open: (file: string) => Promise<WeightSource>,
): Promise<WeightSource> => {
  const map = await readShardIndex(index);
  const shards = new Map<string, WeightSource>();
  const close = async () => {
    await Promise.all([...shards.values()].map((shard) => shard.close()));
  };
  const holder = (name: string): WeightSource => {
    const shard = shards.get(map.get(name) ?? '');
    if (shard === undefined) throw new BadArgumentError('tensor name', name, `a tensor of ${index}`);
    return shard;
  };
  try {
    for (const shard of new Set(map.values())) shards.set(shard, await open(join(dirname(index), shard)));
    for (const [name, shard] of map) {
      if (!shards.get(shard)?.has(name)) {
        throw new WeightFileFormatError(
          index,
          `tensor "${name.slice(0, 120)}" placed in ${shard}`,
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
    has: (name) => map.has(name),
    info: (name) => holder(name).info(name),
    read: async (name) => holder(name).read(name),
    close,
  };
};
