import * as z from 'zod';
import { embeddingSite } from '../sites/embedding.js';
import type { LinearSite } from '../sites/linear.js';
import { normSite } from '../sites/norm.js';
import type { Stage } from '../stages/stage.js';
import { defineArchitecture } from './define-architecture.js';
import type { NetworkConfig } from './network-config.js';
import { causalEmbeddings, causalHead, finalStates } from './parts/causal-ends.js';
import { causalLayer } from './parts/causal-layer.js';
import { activationOf, commonFields, count, eps, id, name, rate, size } from './parts/config-fields.js';
import { both, eachLayer, one } from './parts/orders.js';

interface Gpt2Config extends NetworkConfig {
  readonly embeddingDropout: number;
  /** Attention scores are divided by √(head size). */
  readonly scaleAttention: boolean;
  /** And by the layer's number, counted from 1. */
  readonly scaleAttentionByLayer: boolean;
}

/** A linear site of GPT-2's Conv1D module: weight `[in, out]`, or one of `parts` equal parts of its outputs. */
const conv1dSite = (
  name: string,
  module: string,
  inSize: number,
  outSize: number,
  fused: { readonly part: number; readonly parts: number; readonly zeroBias?: boolean } = {
    part: 0,
    parts: 1,
  },
): LinearSite => {
  const { part, parts, ...options } = fused;
  const range = (axis: number) =>
    parts > 1 ? { part: { axis, start: part * outSize, size: outSize } } : undefined;
  return {
    kind: 'linear',
    name,
    inFirst: true,
    weight: { name: `${module}.weight`, shape: [inSize, parts * outSize], ...range(1) },
    bias: { name: `${module}.bias`, shape: [parts * outSize], ...range(0) },
    ...options,
  };
};

/**
 * One pre-LayerNorm causal layer (Radford et al. 2019). The fused projection `c_attn` is three sites, one
 * range of its outputs each. As in BERT's, the last layer computes only the row that is read out.
 */
const preNormStage = (config: Gpt2Config, index: number, { last }: { readonly last: boolean }): Stage => {
  const { hiddenSize: d, intermediateSize: wide, layerNormEps: eps, heads } = config;
  const { activation, hiddenDropout, attentionDropout } = config;
  const layer = `transformer.h.${index}`;
  const scale =
    (config.scaleAttention ? 1 / Math.sqrt(d / heads) : 1) / (config.scaleAttentionByLayer ? index + 1 : 1);
  return causalLayer({
    name: `layer.${index}`,
    settings: { last, heads, scale, activation, hiddenDropout, attentionDropout, norms: 'before' },
    attends: true,
    sites: [
      normSite('attention.norm', `${layer}.ln_1`, d, eps),
      conv1dSite('query', `${layer}.attn.c_attn`, d, d, { part: 0, parts: 3 }),
      conv1dSite('key', `${layer}.attn.c_attn`, d, d, { part: 1, parts: 3, zeroBias: true }),
      conv1dSite('value', `${layer}.attn.c_attn`, d, d, { part: 2, parts: 3 }),
      conv1dSite('attention.output', `${layer}.attn.c_proj`, d, d),
      normSite('norm', `${layer}.ln_2`, d, eps),
      conv1dSite('intermediate', `${layer}.mlp.c_fc`, d, wide),
      conv1dSite('output', `${layer}.mlp.c_proj`, wide, d),
    ],
  });
};

/** A layer's modules, in the order in which transformers registers them. */
const modules = ['ln_1', 'attn.c_attn', 'attn.c_proj', 'ln_2', 'mlp.c_fc', 'mlp.c_proj'];

/**
 * GPT-2 (Radford et al. 2019) as a causal language model. The logits of the label words are read at the last token of
 * the prompt: see `causalExample` for how such an example comes from a template with a mask.
 */
export const gpt2 = defineArchitecture({
  modelType: 'gpt2',
  title: 'GPT-2',
  classes: { prefix: 'GPT2', languageModel: 'GPT2LMHeadModel' },
  objective: 'causal',
  fields: {
    ...commonFields,
    vocab_size: size,
    n_embd: size,
    n_layer: count,
    n_head: count,
    n_inner: size.nullish(),
    n_positions: size,
    resid_pdrop: rate.default(0.1),
    embd_pdrop: rate.default(0.1),
    attn_pdrop: rate.default(0.1),
    activation_function: name.default('gelu_new'),
    layer_norm_epsilon: eps.default(1e-5),
    scale_attn_weights: z.boolean().default(true),
    scale_attn_by_inverse_layer_idx: z.boolean().default(false),
    pad_token_id: id.nullish(),
    eos_token_id: id.nullish(),
  },
  config: (fields, complain): Gpt2Config => ({
    vocabSize: fields.vocab_size,
    hiddenSize: fields.n_embd,
    layers: fields.n_layer,
    heads: fields.n_head,
    intermediateSize: fields.n_inner ?? 4 * fields.n_embd,
    activation: activationOf(fields.activation_function, complain),
    layerNormEps: fields.layer_norm_epsilon,
    positions: fields.n_positions,
    maxTokens: fields.n_positions,
    // GPT-2 has no padding token; its end of text, the last id, is used in padded batches.
    padTokenId:
      fields.pad_token_id ?? Math.min(fields.eos_token_id ?? Number.POSITIVE_INFINITY, fields.vocab_size - 1),
    tieWordEmbeddings: fields.tie_word_embeddings,
    hiddenDropout: fields.resid_pdrop,
    attentionDropout: fields.attn_pdrop,
    embeddingDropout: fields.embd_pdrop,
    initializerRange: fields.initializer_range,
    scaleAttention: fields.scale_attn_weights,
    scaleAttentionByLayer: fields.scale_attn_by_inverse_layer_idx,
  }),
  names: { base: 'transformer.', head: ['lm_head.'] },
  network: (config) => {
    const { hiddenSize: d, vocabSize } = config;
    const end = { sites: [normSite('norm', 'transformer.ln_f', d, config.layerNormEps)] };
    return {
      embeddings: causalEmbeddings(
        [
          embeddingSite('words', 'ids', { name: 'transformer.wte.weight', shape: [vocabSize, d] }),
          embeddingSite('positions', 'positions', {
            name: 'transformer.wpe.weight',
            shape: [config.positions, d],
          }),
        ],
        config.embeddingDropout,
      ),
      layers: config.layers,
      layer: (i, options) => preNormStage(config, i, options),
      final: finalStates(end),
      head: (labelWordIds) =>
        causalHead(end, { name: 'lm_head.weight', shape: [vocabSize, d] }, labelWordIds),
    };
  },
  // The fused projection is one module to PEFT.
  targets: { lora: ['attn.c_attn'], ia3: ['attn.c_attn', 'mlp.c_proj'], feedforward: ['output'] },
  orders: ({ layers, tieWordEmbeddings }) => [
    [
      one('transformer.wte.weight', 'transformer.wpe.weight'),
      eachLayer(layers, (i) => modules.map((module) => `transformer.h.${i}.${module}`)),
      one(...both(['transformer.ln_f'])),
      one(...(tieWordEmbeddings ? [] : ['lm_head.weight'])),
    ],
  ],
});
