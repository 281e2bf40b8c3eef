import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { writeShards } from './write-shards.js';

/** Writes a model directory of BERT's architecture with random weights, and the tokenizer of the tiny model. */
export const writeEncoder = async (
  directory: string,
  { width, layers }: { readonly width: number; readonly layers: number },
): Promise<string> => {
  await tinyModel(directory);
  const config = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8'));
  await rm(join(directory, 'model.safetensors'));
  await writeShards(directory, {
    ...config,
    ...{ hidden_size: width, intermediate_size: 4 * width, num_hidden_layers: layers },
    ...{ num_attention_heads: Math.max(2, width / 64), torch_dtype: 'bfloat16' },
  });
  return directory;
};
