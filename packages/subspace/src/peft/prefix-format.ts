import { type NDArray, ndarray } from '@ntk-lens/core';
import { keyWidth, type NetworkConfig } from '@ntk-lens/models';
import type { ParameterSpace } from '../space.js';
import { type PrefixOptions, prefixLayers, prefixSpace } from '../spaces/prefix.js';
import { mlpOutput } from '../spaces/prefix-mlp.js';
import { prefixName } from '../spaces/prefix-tables.js';
import { PROMPT_EMBEDDINGS } from '../spaces/prompt-tuning.js';
import { type AdapterFormat, spaceName } from './adapter-format.js';
import { checkPromptTensor, promptConfig } from './prompt-format.js';

const isPrefix = (space: ParameterSpace): space is ParameterSpace & { readonly options: PrefixOptions } =>
  spaceName(space) === 'prefix';

const PARTS = ['key', 'value'] as const;

/**
 * Prefix tuning as PEFT stores it: `prompt_embeddings` `[tokens, layers · 2 · d]`, per layer keys, then
 * values. PEFT itself runs such adapters on decoders only. An MLP is stored by its results, as PEFT does.
 */
export const prefixFormat: AdapterFormat = {
  peftType: 'PREFIX_TUNING',
  stores: isPrefix,
  space: (config, tensors, model) => {
    config.refuse(['modules_to_save']);
    const tokens = config.integer('num_virtual_tokens');
    checkPromptTensor(tensors, [tokens, 2 * prefixLayers(model).length * keyWidth(model.config)]);
    return prefixSpace({ tokens });
  },
  point: async (tensors, model) => {
    const { data, shape } = await tensors.read(PROMPT_EMBEDDINGS);
    const [tokens, width] = shape as [number, number];
    const d = keyWidth(model.config);
    const point = new Map<string, NDArray<'float32'>>();
    for (const [l, layer] of prefixLayers(model.base).entries()) {
      for (const [p, part] of PARTS.entries()) {
        const table = new Float32Array(tokens * d);
        for (let t = 0; t < tokens; t++) {
          const from = t * width + (2 * l + p) * d;
          table.set(data.subarray(from, from + d), t * d);
        }
        point.set(prefixName(layer, part), ndarray<'float32'>(table, [tokens, d]));
      }
    }
    return point;
  },
  write: async (model) => {
    const { options } = model.space as ParameterSpace & { readonly options: PrefixOptions };
    const d = keyWidth(model.config);
    const { heads, kvHeads = heads }: NetworkConfig = model.config;
    const layers = prefixLayers(model.base);
    const { tokens } = options;
    const width = 2 * layers.length * d;
    const table = options.mlp === undefined ? new Float32Array(tokens * width) : await mlpOutput(model);
    if (options.mlp === undefined) {
      for (const [l, layer] of layers.entries()) {
        for (const [p, part] of PARTS.entries()) {
          const { data } = await model.read(prefixName(layer, part));
          for (let t = 0; t < tokens; t++)
            table.set(data.subarray(t * d, (t + 1) * d), t * width + (2 * l + p) * d);
        }
      }
    }
    return {
      config: {
        ...promptConfig(model.base, tokens, d),
        num_attention_heads: kvHeads,
        encoder_hidden_size: d,
        prefix_projection: false,
      },
      tensors: new Map([[PROMPT_EMBEDDINGS, ndarray<'float32'>(table, [tokens, width])]]),
    };
  },
};
