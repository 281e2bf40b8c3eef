import { BadArgumentError } from '@ntk-lens/core';
import { DifferentCopiesError, WeightFileFormatError } from '../errors.js';
import { equalTensors } from '../source/equal-tensors.js';
import type { WeightSource } from '../source/weight-source.js';
import { parseShardIndex } from './shard-index.js';

/**
 * Opens every shard that an index names, as one source. A tensor that other shards hold, too, is read from all of them and has to be the
 * same.
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
 * @throws DifferentCopiesError if shards hold one tensor with different numbers
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
    for (const [tensor, shard] of map) checkPlace(name, shards, tensor, shard);
    for (const [shard, source] of shards) await checkCopies(map, shards, shard, source);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    names: [...map.keys()],
    unlisted: unlistedIn(map, shards),
    has: (tensor) => map.has(tensor),
    info: (tensor) => holder(tensor).info(tensor),
    read: async (tensor, options) => holder(tensor).read(tensor, options),
    bytes: (tensor) => holder(tensor).bytes(tensor),
    close,
  };
};

type Shards = ReadonlyMap<string, WeightSource>;

/** @throws WeightFileFormatError, which says where a tensor is that the index places wrongly */
const checkPlace = (index: string, shards: Shards, tensor: string, shard: string): void => {
  if (shards.get(shard)?.has(tensor)) return;
  const other = [...shards].find(([, source]) => source.has(tensor))?.[0];
  const place = other === undefined ? 'in none of the shards' : `in ${other}`;
  throw new WeightFileFormatError(
    index,
    `tensor "${tensor.slice(0, 120)}" placed in ${shard}, but it is ${place}`,
    'an index that says where each tensor is',
  );
};

/** @throws DifferentCopiesError where a shard holds a tensor of another one with other numbers */
const checkCopies = async (
  map: ReadonlyMap<string, string>,
  shards: Shards,
  shard: string,
  source: WeightSource,
): Promise<void> => {
  for (const tensor of source.names) {
    const place = map.get(tensor);
    if (place === undefined || place === shard) continue;
    if (await equalTensors([shards.get(place)!, tensor], [source, tensor])) continue;
    throw new DifferentCopiesError(
      `"${tensor}" in ${place}`,
      `the same in ${shard}`,
      'Download the model again, or save it again without the wrong one.',
    );
  }
};

/** Tensors that the shards hold and the index does not name, with their shards. */
const unlistedIn = (map: ReadonlyMap<string, string>, shards: Shards): ReadonlyMap<string, string> =>
  new Map(
    [...shards].flatMap(([shard, { names }]) =>
      names.filter((tensor) => !map.has(tensor)).map((tensor) => [tensor, shard] as const),
    ),
  );
