import * as z from 'zod';
import { embeddingSite } from '../sites/embedding.js';
import { linearSite } from '../sites/linear.js';
import { normSite } from '../sites/norm.js';
import type { Stage } from '../stages/stage.js';
import { defineArchitecture } from './define-architecture.js';
import type { NetworkConfig } from './network-config.js';
import { causalEmbeddings, causalHead, finalStates, type LastStates } from './parts/causal-ends.js';
import { causalLayer } from './parts/causal-layer.js';
import { activationOf, commonFields, count, id, name, rate, size } from './parts/config-fields.js';
import { one, type Part } from './parts/orders.js';

interface OptConfig extends NetworkConfig {
  /** Width of the word embeddings and of the decoder's rows. */
  readonly embeddingSize: number;
  /** Position id of the first token: two rows of the table lie before it. */
  readonly positionOffset: number;
  /** A padding token inside a text has a position of its own. */
  readonly countsPadding: true;
  readonly norms: 'before' | 'behind';
  /** A LayerNorm follows the last layer. */
  readonly finalNorm: boolean;
  /** Linear modules have biases. */
  readonly biases: boolean;
  /** LayerNorms have scales and shifts. */
  readonly affineNorms: boolean;
}

/** transformers counts positions from here, whatever the configuration says. */
const OFFSET = 2;

const DECODER = 'model.decoder';

const layerStage = (config: OptConfig, index: number, { last }: { readonly last: boolean }): Stage => {
  const { hiddenSize: d, intermediateSize: wide, layerNormEps: eps, norms, affineNorms } = config;
  const { heads, activation, hiddenDropout, attentionDropout } = config;
  const layer = `${DECODER}.layers.${index}`;
  const plainNorms = affineNorms ? undefined : eps;
  const norm = (site: string, module: string) =>
    affineNorms ? [normSite(site, `${layer}.${module}`, d, eps)] : [];
  const linear = (site: string, module: string, inSize: number, outSize: number, zeroBias?: boolean) =>
    linearSite(site, `${layer}.${module}`, inSize, outSize, { bias: config.biases, zeroBias });
  return causalLayer({
    name: `layer.${index}`,
    settings: { last, heads, activation, hiddenDropout, attentionDropout, norms, plainNorms },
    attends: true,
    sites: [
      ...norm('attention.norm', 'self_attn_layer_norm'),
      linear('query', 'self_attn.q_proj', d, d),
      linear('key', 'self_attn.k_proj', d, d, true),
      linear('value', 'self_attn.v_proj', d, d),
      linear('attention.output', 'self_attn.out_proj', d, d),
      ...norm('norm', 'final_layer_norm'),
      linear('intermediate', 'fc1', d, wide),
      linear('output', 'fc2', wide, d),
    ],
  });
};

const endOf = (config: OptConfig): LastStates => {
  const { hiddenSize, embeddingSize, layerNormEps, finalNorm, affineNorms } = config;
  const norm = normSite('norm', `${DECODER}.final_layer_norm`, hiddenSize, layerNormEps);
  const projection = linearSite('projection', `${DECODER}.project_out`, hiddenSize, embeddingSize, {
    bias: false,
  });
  return {
    sites: [
      ...(finalNorm && affineNorms ? [norm] : []),
      ...(embeddingSize === hiddenSize ? [] : [projection]),
    ],
    plainNorm: finalNorm && !affineNorms ? layerNormEps : undefined,
  };
};

/** A layer's linear modules around its first LayerNorm, in the order in which transformers registers them. */
const attentionModules = ['k_proj', 'v_proj', 'q_proj', 'out_proj'].map((module) => `self_attn.${module}`);

const parametersInOrder = (config: OptConfig): Part => {
  const { embeddingSize, hiddenSize, finalNorm, affineNorms, biases } = config;
  const of = (has: boolean, module: string) => [`${module}.weight`, ...(has ? [`${module}.bias`] : [])];
  const norm = (module: string) => (affineNorms ? of(true, module) : []);
  const layer = (base: string) => [
    ...attentionModules.flatMap((module) => of(biases, `${base}.${module}`)),
    ...norm(`${base}.self_attn_layer_norm`),
    ...['fc1', 'fc2'].flatMap((module) => of(biases, `${base}.${module}`)),
    ...norm(`${base}.final_layer_norm`),
  ];
  const projections = embeddingSize === hiddenSize ? [] : ['project_out', 'project_in'];
  return one(
    `${DECODER}.embed_tokens.weight`,
    `${DECODER}.embed_positions.weight`,
    ...projections.map((module) => `${DECODER}.${module}.weight`),
    ...(finalNorm ? norm(`${DECODER}.final_layer_norm`) : []),
    ...Array.from({ length: config.layers }, (_, i) => layer(`${DECODER}.layers.${i}`)).flat(),
    ...(config.tieWordEmbeddings ? [] : ['lm_head.weight']),
  );
};

/**
 * OPT (Zhang et al. 2022). The model of 350 million parameters has its LayerNorms behind attention and feed-forward,
 * and narrower word embeddings.
 */
export const opt = defineArchitecture({
  modelType: 'opt',
  title: 'OPT',
  classes: { prefix: 'OPT', languageModel: 'OPTForCausalLM' },
  objective: 'causal',
  fields: {
    ...commonFields,
    vocab_size: size,
    hidden_size: size,
    num_hidden_layers: count,
    num_attention_heads: count,
    ffn_dim: size,
    max_position_embeddings: size,
    do_layer_norm_before: z.boolean().default(true),
    _remove_final_layer_norm: z.boolean().default(false),
    word_embed_proj_dim: size.nullish(),
    dropout: rate.default(0.1),
    attention_dropout: rate.default(0),
    activation_function: name.default('relu'),
    init_std: commonFields.initializer_range,
    pad_token_id: id.nullish(),
    enable_bias: z.boolean().default(true),
    layer_norm_elementwise_affine: z.boolean().default(true),
  },
  config: (fields, complain): OptConfig => ({
    vocabSize: fields.vocab_size,
    hiddenSize: fields.hidden_size,
    embeddingSize: fields.word_embed_proj_dim ?? fields.hidden_size,
    layers: fields.num_hidden_layers,
    heads: fields.num_attention_heads,
    intermediateSize: fields.ffn_dim,
    activation: activationOf(fields.activation_function, complain),
    // Fixed in transformers.
    layerNormEps: 1e-5,
    positions: fields.max_position_embeddings + OFFSET,
    positionOffset: OFFSET,
    countsPadding: true,
    maxTokens: fields.max_position_embeddings,
    padTokenId: fields.pad_token_id ?? 1,
    tieWordEmbeddings: fields.tie_word_embeddings,
    hiddenDropout: fields.dropout,
    attentionDropout: fields.attention_dropout,
    initializerRange: fields.init_std,
    norms: fields.do_layer_norm_before ? 'before' : 'behind',
    finalNorm: fields.do_layer_norm_before && !fields._remove_final_layer_norm,
    biases: fields.enable_bias,
    affineNorms: fields.layer_norm_elementwise_affine,
  }),
  names: { base: 'model.', head: ['lm_head.'] },
  network: (config) => {
    const { hiddenSize: d, embeddingSize: narrow, vocabSize } = config;
    const end = endOf(config);
    const projection = linearSite('projection', `${DECODER}.project_in`, narrow, d, { bias: false });
    return {
      embeddings: causalEmbeddings(
        [
          embeddingSite('words', 'ids', {
            name: `${DECODER}.embed_tokens.weight`,
            shape: [vocabSize, narrow],
          }),
          embeddingSite('positions', 'positions', {
            name: `${DECODER}.embed_positions.weight`,
            shape: [config.positions, d],
          }),
          ...(narrow === d ? [] : [projection]),
        ],
        0,
      ),
      layers: config.layers,
      layer: (i, options) => layerStage(config, i, options),
      final: finalStates(end),
      head: (labelWordIds) =>
        causalHead(end, { name: 'lm_head.weight', shape: [vocabSize, narrow] }, labelWordIds),
    };
  },
  targets: { lora: ['query', 'value'], ia3: ['query', 'key', 'output'], feedforward: ['output'] },
  orders: (config) => [[parametersInOrder(config)]],
});
