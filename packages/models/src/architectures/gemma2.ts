import * as z from 'zod';
import { defineArchitecture } from './define-architecture.js';
import { decoderOrders, decoderPrefixes, queryValueTargets } from './parts/decoder.js';
import { type GemmaConfig, gemmaConfig, gemmaFields, gemmaNetwork } from './parts/gemma.js';
import { ropeOf, wholeHeads } from './parts/rope-fields.js';

interface Gemma2Config extends GemmaConfig {
  /** Attention scores stay within ± this; null: they stay as they are. */
  readonly scoreCap: number | null;
}

const network = (config: Gemma2Config) =>
  gemmaNetwork(config, () => ({ softCap: config.scoreCap ?? undefined }));

const cap = z.number().gt(0).max(1e6).nullable();

/** Gemma 2 (Gemma Team 2024): every second layer attends to a window, and scores and logits are capped. */
export const gemma2 = defineArchitecture({
  modelType: 'gemma2',
  title: 'Gemma 2',
  classes: { prefix: 'Gemma2', languageModel: 'Gemma2ForCausalLM' },
  objective: 'causal',
  fields: {
    ...gemmaFields,
    final_logit_softcapping: cap.default(30),
    attn_logit_softcapping: cap.default(50),
  },
  config: (fields, complain): Gemma2Config => {
    const config = gemmaConfig(fields, (i) => i % 2 === 0, complain);
    const rope = wholeHeads(ropeOf(fields, config, complain), complain);
    return { ...config, rope, scoreCap: fields.attn_logit_softcapping };
  },
  names: decoderPrefixes,
  network,
  targets: queryValueTargets,
  orders: (config) => decoderOrders(network(config), config),
});
