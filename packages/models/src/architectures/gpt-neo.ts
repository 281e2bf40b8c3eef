import * as z from 'zod';
import { embeddingSite } from '../sites/embedding.js';
import { linearSite } from '../sites/linear.js';
import { normSite } from '../sites/norm.js';
import type { Stage } from '../stages/stage.js';
import { defineArchitecture } from './define-architecture.js';
import type { NetworkConfig } from './network-config.js';
import { causalEmbeddings, causalHead, finalStates } from './parts/causal-ends.js';
import { causalLayer } from './parts/causal-layer.js';
import {
  activationOf,
  type Complain,
  commonFields,
  count,
  eps,
  id,
  maxLayers,
  name,
  rate,
  size,
} from './parts/config-fields.js';
import { both, one } from './parts/orders.js';

/** The keys that a layer's queries see: all that are not later, or those within a window. */
type Reach = 'global' | 'local';

interface GptNeoConfig extends NetworkConfig {
  readonly embeddingDropout: number;
  /** Layers have these, in order. */
  readonly reach: readonly Reach[];
  /** Keys that a query of a local layer sees, its own among them. */
  readonly window: number;
}

/** Kinds of attention, and how often they follow one another: `[[["global", "local"], 12]]`. */
const attentionTypes = z
  .array(z.tuple([z.array(z.string().max(50)).max(maxLayers), z.number().int().min(0).max(maxLayers)]))
  .max(maxLayers);

const isReach = (text: string): text is Reach => text === 'global' || text === 'local';

/** The kind of every layer. */
const reachOf = (types: z.output<typeof attentionTypes>, layers: number, complain: Complain): Reach[] => {
  const total = types.reduce((sum, [kinds, times]) => sum + kinds.length * times, 0);
  if (total !== layers) complain(`attention_types for ${total} layers`, `kinds for ${layers} layers`);
  return types
    .flatMap(([kinds, times]) => Array.from({ length: times }, () => kinds).flat())
    .map((kind) => (isReach(kind) ? kind : complain(`attention type "${kind}"`, '"global" or "local"')));
};

/** GPT-2's layer; scores of attention are not scaled, and its three projections have no biases. */
const layerStage = (config: GptNeoConfig, index: number, { last }: { readonly last: boolean }): Stage => {
  const { hiddenSize: d, intermediateSize: wide, layerNormEps: eps } = config;
  const { heads, activation, hiddenDropout, attentionDropout } = config;
  const layer = `transformer.h.${index}`;
  const attention = `${layer}.attn.attention`;
  const window = config.reach[index] === 'local' ? config.window : undefined;
  return causalLayer({
    name: `layer.${index}`,
    settings: { last, heads, scale: 1, activation, hiddenDropout, attentionDropout, norms: 'before', window },
    attends: true,
    sites: [
      normSite('attention.norm', `${layer}.ln_1`, d, eps),
      linearSite('query', `${attention}.q_proj`, d, d, { bias: false }),
      linearSite('key', `${attention}.k_proj`, d, d, { bias: false }),
      linearSite('value', `${attention}.v_proj`, d, d, { bias: false }),
      linearSite('attention.output', `${attention}.out_proj`, d, d),
      normSite('norm', `${layer}.ln_2`, d, eps),
      linearSite('intermediate', `${layer}.mlp.c_fc`, d, wide),
      linearSite('output', `${layer}.mlp.c_proj`, wide, d),
    ],
  });
};

/** A layer's parameters, in the order in which transformers registers them. */
const inOrder = (layer: string): string[] => [
  ...both([`${layer}.ln_1`]),
  ...['k_proj', 'v_proj', 'q_proj'].map((module) => `${layer}.attn.attention.${module}.weight`),
  ...both(['attn.attention.out_proj', 'ln_2', 'mlp.c_fc', 'mlp.c_proj'], `${layer}.`),
];

/** GPT-Neo (Black et al. 2021): GPT-2 with layers that alternate between all keys and a window of them. */
export const gptNeo = defineArchitecture({
  modelType: 'gpt_neo',
  title: 'GPT-Neo',
  classes: { prefix: 'GPTNeo', languageModel: 'GPTNeoForCausalLM' },
  objective: 'causal',
  fields: {
    ...commonFields,
    vocab_size: size,
    hidden_size: size,
    num_layers: count,
    num_heads: count,
    intermediate_size: size.nullish(),
    max_position_embeddings: size,
    attention_types: attentionTypes.nullish(),
    window_size: size.default(256),
    activation_function: name.default('gelu_new'),
    resid_dropout: rate.default(0),
    embed_dropout: rate.default(0),
    attention_dropout: rate.default(0),
    layer_norm_epsilon: eps.default(1e-5),
    pad_token_id: id.nullish(),
    eos_token_id: id.nullish(),
  },
  config: (fields, complain): GptNeoConfig => ({
    vocabSize: fields.vocab_size,
    hiddenSize: fields.hidden_size,
    layers: fields.num_layers,
    heads: fields.num_heads,
    intermediateSize: fields.intermediate_size ?? 4 * fields.hidden_size,
    activation: activationOf(fields.activation_function, complain),
    layerNormEps: fields.layer_norm_epsilon,
    positions: fields.max_position_embeddings,
    maxTokens: fields.max_position_embeddings,
    // As GPT-2: the end of text is used in padded batches.
    padTokenId:
      fields.pad_token_id ?? Math.min(fields.eos_token_id ?? Number.POSITIVE_INFINITY, fields.vocab_size - 1),
    tieWordEmbeddings: fields.tie_word_embeddings,
    hiddenDropout: fields.resid_dropout,
    attentionDropout: fields.attention_dropout,
    initializerRange: fields.initializer_range,
    embeddingDropout: fields.embed_dropout,
    reach: reachOf(fields.attention_types ?? [[['global', 'local'], 12]], fields.num_layers, complain),
    window: fields.window_size,
  }),
  names: { base: 'transformer.', head: ['lm_head.'] },
  network: (config) => {
    const { hiddenSize: d, vocabSize, positions } = config;
    const end = { sites: [normSite('norm', 'transformer.ln_f', d, config.layerNormEps)] };
    return {
      embeddings: causalEmbeddings(
        [
          embeddingSite('words', 'ids', { name: 'transformer.wte.weight', shape: [vocabSize, d] }),
          embeddingSite('positions', 'positions', { name: 'transformer.wpe.weight', shape: [positions, d] }),
        ],
        config.embeddingDropout,
      ),
      layers: config.layers,
      layer: (i, options) => layerStage(config, i, options),
      final: finalStates(end),
      head: (labelWordIds) =>
        causalHead(end, { name: 'lm_head.weight', shape: [vocabSize, d] }, labelWordIds),
    };
  },
  targets: { lora: ['query', 'value'], ia3: ['query', 'value', 'output'], feedforward: ['output'] },
  orders: ({ layers, tieWordEmbeddings }) => [
    [
      one('transformer.wte.weight', 'transformer.wpe.weight'),
      one(...Array.from({ length: layers }, (_, i) => inOrder(`transformer.h.${i}`)).flat()),
      one(...both(['transformer.ln_f'])),
      one(...(tieWordEmbeddings ? [] : ['lm_head.weight'])),
    ],
  ],
});
