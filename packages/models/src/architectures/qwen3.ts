import * as z from 'zod';
import { defineArchitecture } from './define-architecture.js';
import { size } from './parts/config-fields.js';
import {
  decoderNetwork,
  decoderOrders,
  decoderPrefixes,
  plainLayer,
  queryValueTargets,
} from './parts/decoder.js';
import { type QwenConfig, qwenConfig, qwenFields } from './parts/qwen.js';

interface Qwen3Config extends QwenConfig {
  readonly attentionBias: boolean;
}

const network = (config: Qwen3Config) =>
  decoderNetwork(config, (i) => ({
    ...plainLayer(config),
    norms: {
      'query.norm': 'self_attn.q_norm',
      'key.norm': 'self_attn.k_norm',
      'attention.norm': 'input_layernorm',
      norm: 'post_attention_layernorm',
    },
    headNorms: true,
    biased: config.attentionBias ? ['query', 'key', 'value', 'attention.output'] : [],
    window: config.windows[i] ?? undefined,
  }));

/** Qwen 3 (Yang et al. 2025): Llama with norms of every head's queries and keys. */
export const qwen3 = defineArchitecture({
  modelType: 'qwen3',
  title: 'Qwen3',
  classes: { prefix: 'Qwen3', languageModel: 'Qwen3ForCausalLM' },
  objective: 'causal',
  fields: { ...qwenFields, head_dim: size.default(128), attention_bias: z.boolean().default(false) },
  config: (fields, complain): Qwen3Config => ({
    ...qwenConfig(fields, complain),
    attentionBias: fields.attention_bias,
  }),
  names: decoderPrefixes,
  network,
  targets: queryValueTargets,
  orders: (config) => decoderOrders(network(config), config),
});
