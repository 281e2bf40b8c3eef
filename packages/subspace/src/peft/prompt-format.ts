import type { LanguageModel } from '@ntk-lens/models';
import { PROMPT_EMBEDDINGS, promptTuningSpace } from '../spaces/prompt-tuning.js';
import { type AdapterFormat, type StoredTensors, spaceName } from './adapter-format.js';
import { AdapterMismatchError, UnsupportedAdapterError } from './errors.js';

/** Checks that an adapter has the one tensor of prompt learning, of this shape. */
export const checkPromptTensor = (
  { file, names, shape }: StoredTensors,
  expected: readonly number[],
): void => {
  const other = names.find((name) => name !== PROMPT_EMBEDDINGS);
  if (other !== undefined || names.length === 0)
    throw new UnsupportedAdapterError(
      file,
      `the tensor "${other ?? 'none'}"`,
      `"${PROMPT_EMBEDDINGS}" alone`,
    );
  const found = shape(PROMPT_EMBEDDINGS);
  if (String(found) !== String(expected))
    throw new AdapterMismatchError(file, PROMPT_EMBEDDINGS, `shape [${found}]`, `[${expected}]`);
};

/** The common fields of PEFT's configurations of prompt learning. */
export const promptConfig = ({ config }: LanguageModel, tokens: number, tokenSize: number) => ({
  num_virtual_tokens: tokens,
  token_dim: tokenSize,
  num_layers: config.layers,
  num_attention_heads: config.heads,
  num_transformer_submodules: 1,
});

const embeddingSize = ({ config }: LanguageModel): number =>
  'embeddingSize' in config ? config.embeddingSize : config.hiddenSize;

/** Prompt tuning as PEFT stores it: `prompt_embeddings` `[tokens, d]`. */
export const promptFormat: AdapterFormat = {
  peftType: 'PROMPT_TUNING',
  stores: (space) => spaceName(space) === 'prompt',
  space: (config, tensors, model) => {
    config.refuse(['modules_to_save']);
    const tokens = config.integer('num_virtual_tokens');
    checkPromptTensor(tensors, [tokens, embeddingSize(model)]);
    return promptTuningSpace({ tokens });
  },
  point: async (tensors) => new Map([[PROMPT_EMBEDDINGS, await tensors.read(PROMPT_EMBEDDINGS)]]),
  write: async (model) => {
    const table = await model.read(PROMPT_EMBEDDINGS);
    const [tokens, size] = table.shape as [number, number];
    return {
      config: { ...promptConfig(model.base, tokens, size), prompt_tuning_init: 'RANDOM' },
      tensors: new Map([[PROMPT_EMBEDDINGS, table]]),
    };
  },
};
