import * as z from 'zod';
import { defineArchitecture } from './define-architecture.js';
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

interface LlamaConfig extends DecoderConfig {
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
}

const network = (config: LlamaConfig) =>
  decoderNetwork(config, () => ({
    ...plainLayer(config),
    norms: { 'attention.norm': 'input_layernorm', norm: 'post_attention_layernorm' },
    biased: [
      ...(config.attentionBias ? (['query', 'key', 'value', 'attention.output'] as const) : []),
      ...(config.mlpBias ? (['gate', 'intermediate', 'output'] as const) : []),
    ],
  }));

/** Llama (Touvron et al. 2023; Grattafiori et al. 2024), versions 1 to 3, and SmolLM2. */
export const llama = defineArchitecture({
  modelType: 'llama',
  title: 'Llama, SmolLM2',
  classes: { prefix: 'Llama', languageModel: 'LlamaForCausalLM' },
  objective: 'causal',
  fields: {
    ...decoderFields,
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
  },
  config: (fields, complain): LlamaConfig => ({
    ...decoderConfig(fields, complain),
    attentionBias: fields.attention_bias,
    mlpBias: fields.mlp_bias,
  }),
  names: decoderPrefixes,
  network,
  targets: decoderTargets,
  orders: (config) => decoderOrders(network(config), config),
});
