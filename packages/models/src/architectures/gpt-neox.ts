import * as z from 'zod';
import { embeddingSite } from '../sites/embedding.js';
import { type LinearSite, linearSite } from '../sites/linear.js';
import { normSite } from '../sites/norm.js';
import type { Stage } from '../stages/stage.js';
import { defineArchitecture } from './define-architecture.js';
import type { NetworkConfig } from './network-config.js';
import { causalEmbeddings, causalHead, finalStates } from './parts/causal-ends.js';
import { causalLayer } from './parts/causal-layer.js';
import { activationOf, commonFields, count, eps, id, name, rate, size } from './parts/config-fields.js';
import { both, one } from './parts/orders.js';
import { type Rope, rotatedSize } from './parts/rope.js';
import { ropeFields, ropeOf } from './parts/rope-fields.js';

interface GptNeoxConfig extends NetworkConfig {
  readonly rope: Rope;
  /** The feed-forward network reads what attention reads. */
  readonly parallel: boolean;
  /** Attention's projections have biases. */
  readonly attentionBias: boolean;
}

/** The share of each head that positions turn, where a configuration does not say. */
const TURNED = 0.25;

interface HeadRows {
  /** First row that is taken of a head's. */
  readonly from: number;
  /** Rows that are taken of a head's. */
  readonly rows: number;
  readonly zeroBias?: boolean;
}

/** Rows of the fused projection, in which each head has its queries, keys and values together: `[heads, 3, head size, in]`. */
const headSite = (
  site: string,
  module: string,
  { hiddenSize: d, heads, attentionBias }: GptNeoxConfig,
  { from, rows, zeroBias }: HeadRows,
): LinearSite => {
  const part = { axis: 0, start: from, size: rows, blocks: heads, stride: (3 * d) / heads };
  const { weight, bias, ...linear } = linearSite(site, module, d, 3 * d, { bias: attentionBias, zeroBias });
  return { ...linear, weight: { ...weight, part }, bias: bias && { ...bias, part } };
};

/**
 * The sites of the fused projection. Softmax ignores the shift of a key only where positions do not turn it, so that the
 * biases of the two parts of a key are apart.
 */
const attentionSites = (module: string, config: GptNeoxConfig): LinearSite[] => {
  const head = config.hiddenSize / config.heads;
  const turned = rotatedSize(config.rope, head);
  const site = (siteName: string, from: number, rows = head, zeroBias = false) =>
    headSite(siteName, module, config, { from, rows, zeroBias });
  const whole = turned === head || !config.attentionBias;
  return [
    site('query', 0),
    ...(whole
      ? [site('key', head)]
      : [site('key', head, turned), site('key.rest', head + turned, head - turned, true)]),
    site('value', 2 * head),
  ];
};

const layerStage = (config: GptNeoxConfig, index: number, { last }: { readonly last: boolean }): Stage => {
  const { hiddenSize: d, intermediateSize: wide, layerNormEps: eps, heads, rope, positions } = config;
  const { activation, hiddenDropout, attentionDropout, parallel } = config;
  const layer = `gpt_neox.layers.${index}`;
  return causalLayer({
    name: `layer.${index}`,
    settings: {
      ...{ last, heads, activation, hiddenDropout, attentionDropout, parallel, norms: 'before' },
      rotation: { rope, headSize: d / heads, positions },
    },
    attends: true,
    sites: [
      normSite('attention.norm', `${layer}.input_layernorm`, d, eps),
      ...attentionSites(`${layer}.attention.query_key_value`, config),
      linearSite('attention.output', `${layer}.attention.dense`, d, d, { bias: config.attentionBias }),
      normSite('norm', `${layer}.post_attention_layernorm`, d, eps),
      linearSite('intermediate', `${layer}.mlp.dense_h_to_4h`, d, wide),
      linearSite('output', `${layer}.mlp.dense_4h_to_h`, wide, d),
    ],
  });
};

/** A layer's parameters, in the order in which transformers registers them. */
const inOrder = (layer: string, { attentionBias }: GptNeoxConfig): string[] => [
  ...both(['input_layernorm', 'post_attention_layernorm'], layer),
  ...both(['attention.query_key_value', 'attention.dense'], layer).filter(
    (parameter) => attentionBias || !parameter.endsWith('.bias'),
  ),
  ...both(['mlp.dense_h_to_4h', 'mlp.dense_4h_to_h'], layer),
];

/** GPT-NeoX (Black et al. 2022) and the models of Pythia (Biderman et al. 2023). */
export const gptNeox = defineArchitecture({
  modelType: 'gpt_neox',
  title: 'GPT-NeoX, Pythia',
  classes: { prefix: 'GPTNeoX', languageModel: 'GPTNeoXForCausalLM' },
  objective: 'causal',
  fields: {
    ...commonFields,
    tie_word_embeddings: z.boolean().default(false),
    vocab_size: size,
    hidden_size: size,
    num_hidden_layers: count,
    num_attention_heads: count,
    intermediate_size: size,
    max_position_embeddings: size.default(2048),
    hidden_act: name.default('gelu'),
    hidden_dropout: rate.default(0),
    attention_dropout: rate.default(0),
    layer_norm_eps: eps.default(1e-5),
    use_parallel_residual: z.boolean().default(true),
    attention_bias: z.boolean().default(true),
    ...ropeFields,
    rotary_pct: ropeFields.partial_rotary_factor,
    rotary_emb_base: ropeFields.rope_theta,
    pad_token_id: id.nullish(),
    eos_token_id: id.nullish(),
  },
  config: (fields, complain): GptNeoxConfig => {
    const { hidden_size: hiddenSize, num_attention_heads: heads, vocab_size: vocabSize } = fields;
    const positions = fields.max_position_embeddings;
    const rope = ropeOf(
      {
        ...fields,
        rope_theta: fields.rotary_emb_base ?? fields.rope_theta,
        partial_rotary_factor: fields.rotary_pct ?? fields.partial_rotary_factor ?? TURNED,
      },
      { positions, headSize: hiddenSize / heads },
      complain,
    );
    return {
      ...{ vocabSize, hiddenSize, heads, positions },
      layers: fields.num_hidden_layers,
      intermediateSize: fields.intermediate_size,
      activation: activationOf(fields.hidden_act, complain),
      layerNormEps: fields.layer_norm_eps,
      maxTokens: positions,
      // The end of text is used in padded batches.
      padTokenId: fields.pad_token_id ?? Math.min(fields.eos_token_id ?? 0, vocabSize - 1),
      tieWordEmbeddings: fields.tie_word_embeddings,
      hiddenDropout: fields.hidden_dropout,
      attentionDropout: fields.attention_dropout,
      initializerRange: fields.initializer_range,
      rope,
      parallel: fields.use_parallel_residual,
      attentionBias: fields.attention_bias,
    };
  },
  // Published checkpoints have the head under the name that transformers 4 gives it.
  names: {
    base: 'gpt_neox.',
    head: ['lm_head.', 'embed_out.'],
    elsewhere: new Map([['lm_head.weight', 'embed_out.weight']]),
  },
  network: (config) => {
    const { hiddenSize: d, vocabSize, hiddenDropout } = config;
    const end = { sites: [normSite('norm', 'gpt_neox.final_layer_norm', d, config.layerNormEps)] };
    return {
      embeddings: causalEmbeddings(
        [embeddingSite('words', 'ids', { name: 'gpt_neox.embed_in.weight', shape: [vocabSize, d] })],
        hiddenDropout,
      ),
      layers: config.layers,
      layer: (i, options) => layerStage(config, i, options),
      final: finalStates(end),
      head: (labelWordIds) =>
        causalHead(end, { name: 'lm_head.weight', shape: [vocabSize, d] }, labelWordIds),
    };
  },
  // The fused projection is one module to PEFT.
  targets: {
    lora: ['attention.query_key_value'],
    ia3: ['attention.query_key_value', 'output'],
    feedforward: ['output'],
  },
  orders: (config) => [
    [
      one('gpt_neox.embed_in.weight'),
      one(
        ...Array.from({ length: config.layers }, (_, i) => inOrder(`gpt_neox.layers.${i}.`, config)).flat(),
      ),
      one(...both(['gpt_neox.final_layer_norm'])),
      one(...(config.tieWordEmbeddings ? [] : ['lm_head.weight'])),
    ],
  ],
});
