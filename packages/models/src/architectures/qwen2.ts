import { defineArchitecture } from './define-architecture.js';
import {
  decoderNetwork,
  decoderOrders,
  decoderPrefixes,
  plainLayer,
  queryValueTargets,
} from './parts/decoder.js';
import { type QwenConfig, qwenConfig, qwenFields } from './parts/qwen.js';

const network = (config: QwenConfig) =>
  decoderNetwork(config, (i) => ({
    ...plainLayer(config),
    norms: { 'attention.norm': 'input_layernorm', norm: 'post_attention_layernorm' },
    biased: ['query', 'key', 'value'],
    window: config.windows[i] ?? undefined,
  }));

/** Qwen 2 and 2.5 (Yang et al. 2024): Llama with biases of queries, keys and values. */
export const qwen2 = defineArchitecture({
  modelType: 'qwen2',
  title: 'Qwen2, Qwen2.5',
  classes: { prefix: 'Qwen2', languageModel: 'Qwen2ForCausalLM' },
  objective: 'causal',
  fields: qwenFields,
  config: qwenConfig,
  names: decoderPrefixes,
  network,
  targets: queryValueTargets,
  orders: (config) => decoderOrders(network(config), config),
});
