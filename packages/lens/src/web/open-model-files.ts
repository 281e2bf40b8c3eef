import { safetensorsFrom } from '@ntk-lens/checkpoints';
import { modelFrom, parseModelConfig } from '@ntk-lens/models';
import { loadTokenizer } from '@ntk-lens/tokenizers';
import type { ModelFiles, OpenedModel, OpenModelOptions } from '../session/platform.js';

const parsed = (json: ModelFiles['config']): unknown => (typeof json === 'string' ? JSON.parse(json) : json);

/**
 * A model whose files are given.
 *
 * @throws ModelConfigError, UnsupportedArchitectureError, and what tokenizer and weights cause
 */
export const openModelFiles = async (
  { name = 'model', config: json, weights, tokenizer: files }: ModelFiles,
  { beforeWeights }: Pick<OpenModelOptions, 'beforeWeights'>,
): Promise<OpenedModel> => {
  const config = parseModelConfig(parsed(json));
  const tokenizer = await loadTokenizer({
    'tokenizer.json': typeof files === 'string' ? files : JSON.stringify(files),
    'config.json': typeof json === 'string' ? json : JSON.stringify(json),
  });
  await beforeWeights?.({ name, config, tokenizer });
  return { name, tokenizer, model: await modelFrom(config, await safetensorsFrom(weights), parsed(json)) };
};
