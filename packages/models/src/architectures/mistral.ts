import { defineArchitecture } from './define-architecture.js';
import { count, size } from './parts/config-fields.js';
import {
  type DecoderConfig,
  decoderConfig,
  decoderFields,
  decoderNetwork,
  decoderOrders,
  decoderPrefixes,
  decoderTargets,
  plainLayer,
} from './parts/decoder.js';

interface MistralConfig extends DecoderConfig {
  /** Tokens that every layer attends to; null for all of them. */
  readonly window: number | null;
}

const network = (config: MistralConfig) =>
  decoderNetwork(config, () => ({
    ...plainLayer(config),
    norms: { 'attention.norm': 'input_layernorm', norm: 'post_attention_layernorm' },
    biased: [],
    window: config.window ?? undefined,
  }));

/** Mistral (Jiang et al. 2023): Llama whose layers attend to a sliding window. */
export const mistral = defineArchitecture({
  modelType: 'mistral',
  title: 'Mistral',
  classes: { prefix: 'Mistral', languageModel: 'MistralForCausalLM' },
  objective: 'causal',
  fields: {
    ...decoderFields,
    num_key_value_heads: count.nullable().default(8),
    max_position_embeddings: size.default(4096 * 32),
    sliding_window: size.nullable().default(4096),
  },
  config: (fields, complain): MistralConfig => ({
    ...decoderConfig(fields, complain),
    window: fields.sliding_window,
  }),
  names: decoderPrefixes,
  network,
  targets: decoderTargets,
  orders: (config) => decoderOrders(network(config), config),
});
