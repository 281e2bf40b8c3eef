import * as z from 'zod';
import { embeddingSite } from '../../sites/embedding.js';
import { rmsNormSite } from '../../sites/norm.js';
import { siteParameters } from '../../sites/site-kinds.js';
import { defineStage } from '../../stages/define-stage.js';
import { softCapped } from '../../stages/soft-cap.js';
import type { Targets } from '../define-architecture.js';
import type { Network } from '../network.js';
import type { NetworkConfig } from '../network-config.js';
import {
  activationOf,
  type Complain,
  commonFields,
  count,
  eps,
  id,
  name,
  rate,
  size,
} from './config-fields.js';
import { type DecoderLayer, decoderLayer } from './decoder-layer.js';
import { flatten } from './layers.js';
import { one, type Part } from './orders.js';
import type { Rope } from './rope.js';
import { ropeFields, ropeOf, wholeHeads } from './rope-fields.js';

/** Fields of Llama and the architectures that follow it. */
export const decoderFields = {
  ...commonFields,
  tie_word_embeddings: commonFields.tie_word_embeddings.unwrap().default(false),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: size.nullish(),
  hidden_act: name.default('silu'),
  max_position_embeddings: size.default(2048),
  rms_norm_eps: eps.default(1e-6),
  attention_dropout: rate.nullish(),
  // Some files say −1 for none.
  pad_token_id: z.union([id, z.literal(-1)]).nullish(),
  ...ropeFields,
};
type DecoderFields = z.output<z.ZodObject<typeof decoderFields>>;

/** The configuration of such a model. */
export interface DecoderConfig extends NetworkConfig {
  readonly headSize: number;
  readonly kvHeads: number;
  readonly rope: Rope;
}

/** The fields under the names that all architectures share, without rotary positions. */
export const decoderSizes = (
  fields: Omit<DecoderFields, keyof typeof ropeFields>,
  complain: Complain,
): Omit<DecoderConfig, 'rope'> => {
  const { hidden_size: hiddenSize, num_attention_heads: heads, pad_token_id: padding } = fields;
  const kvHeads = fields.num_key_value_heads ?? heads;
  if (heads % kvHeads !== 0)
    complain(`${heads} attention heads with ${kvHeads} key-value heads`, 'a number that divides the heads');
  if (!fields.head_dim && hiddenSize % heads !== 0)
    complain(`hidden size ${hiddenSize} with ${heads} attention heads`, 'heads that divide the hidden size');
  return {
    vocabSize: fields.vocab_size,
    hiddenSize,
    layers: fields.num_hidden_layers,
    heads,
    kvHeads,
    headSize: fields.head_dim ?? hiddenSize / heads,
    intermediateSize: fields.intermediate_size,
    activation: activationOf(fields.hidden_act, complain),
    layerNormEps: fields.rms_norm_eps,
    positions: fields.max_position_embeddings,
    maxTokens: fields.max_position_embeddings,
    // Padding is masked and has no row of its own, so that any id does.
    padTokenId: Math.max(padding ?? 0, 0),
    tieWordEmbeddings: fields.tie_word_embeddings,
    hiddenDropout: 0,
    attentionDropout: fields.attention_dropout ?? 0,
    initializerRange: fields.initializer_range,
  };
};

/** The same with rotary positions. */
export const decoderConfig = (fields: DecoderFields, complain: Complain): DecoderConfig => {
  const sizes = decoderSizes(fields, complain);
  return { ...sizes, rope: wholeHeads(ropeOf(fields, sizes, complain), complain) };
};

/** A layer's parts that follow from the configuration alone. */
export const plainLayer = (config: DecoderConfig): Omit<DecoderLayer, 'norms' | 'biased'> => ({
  hiddenSize: config.hiddenSize,
  intermediateSize: config.intermediateSize,
  heads: config.heads,
  kvHeads: config.kvHeads,
  headSize: config.headSize,
  activation: config.activation,
  layerNormEps: config.layerNormEps,
  attentionDropout: config.attentionDropout,
  rotation: { rope: config.rope, headSize: config.headSize, positions: config.positions },
  scoreSize: config.scoreSize,
});

/** Parts of the network around the layers. */
export interface DecoderEnds {
  /** Word embeddings are multiplied by √(hidden size). Default: false. */
  readonly scaledWords?: boolean;
  /** Added to the stored scale of the last norm. Default: 0. */
  readonly normOffset?: number;
  /** Logits stay within ± this. */
  readonly softCap?: number;
}

const words = defineStage((scale: number, at, side) => {
  const rows = at.use('words', side.ids);
  return scale === 1 ? rows : rows.mul(scale);
});

const finalNorm = defineStage((_: null, at, _side, x) => at.use('norm', x!));

const normAndDecoder = defineStage((softCap: number | undefined, at, _side, x) => {
  const logits = flatten(at.use('decoder', at.use('norm', x!)));
  return softCap === undefined ? logits : softCapped(logits, softCap);
});

/** A decoder's network, under the names of Llama's checkpoints. */
export const decoderNetwork = (
  config: NetworkConfig,
  layerAt: (index: number) => DecoderLayer,
  { scaledWords = false, normOffset, softCap }: DecoderEnds = {},
): Network => {
  const { hiddenSize: d, vocabSize } = config;
  const table = { name: 'model.embed_tokens.weight', shape: [vocabSize, d] };
  const norm = rmsNormSite('norm', 'model.norm', d, config.layerNormEps, normOffset);
  return {
    embeddings: words({
      name: 'embeddings',
      settings: scaledWords ? Math.sqrt(d) : 1,
      sites: [embeddingSite('words', 'ids', table)],
    }),
    layers: config.layers,
    layer: (i, options) => decoderLayer(`layer.${i}`, `model.layers.${i}`, layerAt(i), options),
    final: finalNorm({ name: 'final', settings: null, sites: [norm] }),
    head: (labelWordIds) =>
      normAndDecoder({
        name: 'head',
        settings: softCap,
        sites: [
          norm,
          {
            kind: 'linear',
            name: 'decoder',
            weight: { name: 'lm_head.weight', shape: [vocabSize, d], part: { rows: labelWordIds } },
          },
        ],
      }),
  };
};

/** Prefixes of names in Llama's checkpoints. */
export const decoderPrefixes = { base: 'model.', head: ['lm_head.'] };

/** Sites of these layers that parameter spaces change by default, as PEFT's defaults for Llama and Mistral. */
export const decoderTargets: Targets = {
  lora: ['query', 'value'],
  ia3: ['key', 'value', 'output'],
  feedforward: ['output'],
};

/** The same, as PEFT's defaults for Qwen and Gemma. */
export const queryValueTargets: Targets = { ...decoderTargets, ia3: ['query', 'value', 'output'] };

/** The order of the parameters: sites are in the order in which transformers registers modules. */
export const decoderOrders = (
  { embeddings, layers, layer, head }: Network,
  { tieWordEmbeddings }: NetworkConfig,
): readonly (readonly Part[])[] => {
  const all = Array.from({ length: layers }, (_, i) => layer(i, { last: false }));
  const names = [embeddings, ...all, head([0])].flatMap(({ sites }) =>
    sites.flatMap(siteParameters).map(({ ref }) => ref.name),
  );
  return [[one(...(tieWordEmbeddings ? names.slice(0, -1) : names))]];
};
