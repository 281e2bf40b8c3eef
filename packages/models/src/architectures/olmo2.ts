import * as z from 'zod';
import { defineArchitecture } from './define-architecture.js';
import { eps } from './parts/config-fields.js';
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

interface Olmo2Config extends DecoderConfig {
  readonly attentionBias: boolean;
}

const network = (config: Olmo2Config) =>
  decoderNetwork(config, () => ({
    ...plainLayer(config),
    norms: {
      'query.norm': 'self_attn.q_norm',
      'key.norm': 'self_attn.k_norm',
      'attention.output.norm': 'post_attention_layernorm',
      'output.norm': 'post_feedforward_layernorm',
    },
    biased: config.attentionBias ? ['query', 'key', 'value', 'attention.output'] : [],
  }));

/** OLMo 2 (Walsh et al. 2025): norms come after attention and feed-forward networks, and at all queries and keys. */
export const olmo2 = defineArchitecture({
  modelType: 'olmo2',
  title: 'OLMo 2',
  classes: { prefix: 'Olmo2', languageModel: 'Olmo2ForCausalLM' },
  objective: 'causal',
  fields: {
    ...decoderFields,
    rms_norm_eps: eps.default(1e-5),
    attention_bias: z.boolean().default(false),
  },
  config: (fields, complain): Olmo2Config => ({
    ...decoderConfig(fields, complain),
    attentionBias: fields.attention_bias,
  }),
  names: decoderPrefixes,
  network,
  targets: decoderTargets,
  orders: (config) => decoderOrders(network(config), config),
});
