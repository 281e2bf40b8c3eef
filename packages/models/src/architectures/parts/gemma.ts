import * as z from 'zod';
import type { Network } from '../network.js';
import { type Complain, commonFields, count, name, size } from './config-fields.js';
import { type DecoderConfig, decoderFields, decoderNetwork, decoderSizes, plainLayer } from './decoder.js';
import type { DecoderLayer } from './decoder-layer.js';
import { type LayerWindows, layerWindows, windowFields } from './windows.js';

const cap = z.number().gt(0).max(1e6).nullable();

/** Fields of Gemma 2 and 3. */
export const gemmaFields = {
  ...decoderFields,
  ...windowFields,
  tie_word_embeddings: commonFields.tie_word_embeddings,
  num_key_value_heads: count.nullable().default(4),
  head_dim: size.default(256),
  hidden_activation: name.nullish(),
  max_position_embeddings: size.default(8192),
  attention_bias: z.boolean().default(false),
  query_pre_attn_scalar: z.number().gt(0).max(1e6).default(256),
  sliding_window: size.nullable().default(4096),
  final_logit_softcapping: cap.default(null),
  use_bidirectional_attention: z.boolean().nullish(),
};

/** Their configuration. */
export interface GemmaConfig extends DecoderConfig {
  readonly scoreSize: number;
  readonly attentionBias: boolean;
  readonly windows: LayerWindows;
  /** Logits stay within ± this; null: they stay as they are. */
  readonly logitCap: number | null;
}

/** The configuration, except for rotary positions. @param slides says which layers have a window, without `layer_types` */
export const gemmaConfig = (
  fields: z.output<z.ZodObject<Omit<typeof gemmaFields, 'rope_parameters'>>>,
  slides: (index: number) => boolean,
  complain: Complain,
): Omit<GemmaConfig, 'rope'> => {
  if (fields.use_bidirectional_attention)
    complain('use_bidirectional_attention: true', 'a causal language model');
  const sizes = decoderSizes(
    { ...fields, hidden_act: fields.hidden_activation ?? 'gelu_pytorch_tanh' },
    complain,
  );
  return {
    ...sizes,
    scoreSize: fields.query_pre_attn_scalar,
    attentionBias: fields.attention_bias,
    windows: layerWindows(fields, sizes.layers, slides, complain),
    logitCap: fields.final_logit_softcapping,
  };
};

/** The network: scales of norms are stored less 1, and norms stand before and after each part of a layer. */
export const gemmaNetwork = (
  config: GemmaConfig,
  changes: (index: number) => Partial<DecoderLayer>,
): Network =>
  decoderNetwork(
    config,
    (i) => {
      const { norms, ...others } = changes(i);
      return {
        ...plainLayer(config),
        norms: {
          ...norms,
          'attention.norm': 'input_layernorm',
          'attention.output.norm': 'post_attention_layernorm',
          norm: 'pre_feedforward_layernorm',
          'output.norm': 'post_feedforward_layernorm',
        },
        normOffset: 1,
        biased: config.attentionBias ? ['query', 'key', 'value', 'attention.output'] : [],
        window: config.windows[i] ?? undefined,
        ...others,
      };
    },
    { scaledWords: true, normOffset: 1, softCap: config.logitCap ?? undefined },
  );
