import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NoWeightsError } from '../errors.js';
import { parseShardIndex, refuseMissingShards } from '../shards/shard-index.js';
import { shardsFrom } from '../shards/sharded-source.js';
import type { WeightSource } from '../source/weight-source.js';
import { openSafetensors, openTorchWeights } from './open-files.js';
import { readJsonText } from './read-json-text.js';

const openShards = async (
  index: string,
  open: (file: string) => Promise<WeightSource>,
): Promise<WeightSource> => {
  const text = await readJsonText(index);
  const path = (shard: string) => join(dirname(index), shard);
  const todo = 'Copy or download the missing ones.';
  refuseMissingShards(parseShardIndex(text, index), (shard) => existsSync(path(shard)), index, todo);
  return shardsFrom(text, (shard) => open(path(shard)), index);
};

const readers: readonly (readonly [file: string, open: (path: string) => Promise<WeightSource>])[] = [
  ['model.safetensors', openSafetensors],
  ['model.safetensors.index.json', (path) => openShards(path, openSafetensors)],
  ['pytorch_model.bin', openTorchWeights],
  ['pytorch_model.bin.index.json', (path) => openShards(path, openTorchWeights)],
];

/** Weight files that `openWeights` reads, most wanted first. */
export const weightFileNames: readonly string[] = readers.map(([file]) => file);

/**
 * Opens the weights of a model directory: safetensors, sharded safetensors, `pytorch_model.bin`, sharded bin,
 * whichever is there first. Headers are read and checked, tensors are not.
 *
 * @example
 * ```ts
 * const source = await openWeights(modelDirectory);
 * const embeddings = await source.read('bert.embeddings.word_embeddings.weight'); // NDArray<'float32'>
 * await source.close();
 * ```
 * @param directory a Hugging Face model directory
 * @throws NoWeightsError if there is no weight file; MissingShardsError, which lists them, before any of the shards is opened; and
 *   every error of the file's reader
 */
export const openWeights = async (directory: string): Promise<WeightSource> => {
  let present: readonly string[];
  try {
    present = await readdir(directory);
  } catch {
    present = [];
  }
  const reader = readers.find(([file]) => present.includes(file));
  if (reader === undefined) throw new NoWeightsError(directory, present, weightFileNames);
  return reader[1](join(directory, reader[0]));
};
