import { parseShardIndex } from '../shards/shard-index.js';
import { readJsonText } from './read-json-text.js';

/** `parseShardIndex` of a file. */
export const readShardIndex = async (file: string): Promise<ReadonlyMap<string, string>> =>
  parseShardIndex(await readJsonText(file), file);
