import * as z from 'zod';
import { defineArchitecture } from './define-architecture.js';
import { size } from './parts/config-fields.js';
import { decoderOrders, decoderPrefixes, queryValueTargets } from './parts/decoder.js';
import { type GemmaConfig, gemmaConfig, gemmaFields, gemmaNetwork } from './parts/gemma.js';
import type { Rope } from './parts/rope.js';
import { layeredRopeFields, layeredRopes } from './parts/rope-fields.js';

interface Gemma3Config extends GemmaConfig {
  /** Rotary positions of the layers that attend to a window. */
  readonly windowRope: Rope;
}

const network = (config: Gemma3Config) =>
  gemmaNetwork(config, (i) => ({
    norms: { 'query.norm': 'self_attn.q_norm', 'key.norm': 'self_attn.k_norm' },
    headNorms: true,
    rotation: {
      rope: config.windows[i] === null ? config.rope : config.windowRope,
      headSize: config.headSize,
      positions: config.positions,
    },
  }));

/** Gemma 3 for text (Gemma Team 2025): most layers attend to a window and have rotary positions of their own. */
export const gemma3Text = defineArchitecture({
  modelType: 'gemma3_text',
  title: 'Gemma 3, text alone',
  classes: { prefix: 'Gemma3', languageModel: 'Gemma3ForCausalLM' },
  objective: 'causal',
  fields: {
    ...gemmaFields,
    ...layeredRopeFields,
    max_position_embeddings: size.default(131_072),
    sliding_window_pattern: z.number().int().min(1).max(4_096).default(6),
  },
  config: (fields, complain): Gemma3Config => {
    const pattern = fields.sliding_window_pattern;
    const config = gemmaConfig(fields, (i) => (i + 1) % pattern !== 0, complain);
    const { full, windowed } = layeredRopes(fields, config, complain);
    return { ...config, rope: full, windowRope: windowed };
  },
  names: decoderPrefixes,
  network,
  targets: queryValueTargets,
  orders: (config) => decoderOrders(network(config), config),
});
