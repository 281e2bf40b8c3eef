import type { tf } from '@ntk-lens/engine';
import * as z from 'zod';
import { embeddingSite } from '../sites/embedding.js';
import { type LinearSite, linearSite } from '../sites/linear.js';
import { normSite } from '../sites/norm.js';
import { defineStage } from '../stages/define-stage.js';
import type { Stage } from '../stages/stage.js';
import { defineArchitecture } from './define-architecture.js';
import type { Activation, NetworkConfig } from './network-config.js';
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
import { activate, paddingBias, readOut, windowBias } from './parts/layers.js';
import { one, type Part } from './parts/orders.js';
import type { Rope } from './parts/rope.js';
import { layeredRopeFields, ropeFrom } from './parts/rope-fields.js';
import { type Rotation, readOutTables, rotaryTables, rotate } from './parts/rotary.js';

interface ModernBertConfig extends NetworkConfig {
  readonly embeddingDropout: number;
  /** Tokens on either side that a layer sees; null for all of them. */
  readonly reaches: readonly (number | null)[];
  readonly ropes: { readonly full: Rope; readonly windowed: Rope };
  readonly headActivation: Activation;
  /** True for the kinds of modules that have biases. */
  readonly biases: {
    readonly norm: boolean;
    readonly attention: boolean;
    readonly mlp: boolean;
    readonly head: boolean;
    readonly decoder: boolean;
  };
}

/** Numbers that a layer's function depends on. */
interface LayerSettings extends Pick<ModernBertConfig, 'heads' | 'activation' | 'attentionDropout'> {
  readonly last: boolean;
  readonly normalizes: boolean;
  readonly reach: number | null;
  readonly rotation: Rotation;
  readonly innerDropout: number;
}

const gatedLayer = defineStage((settings: LayerSettings, at, side, x) => {
  const { last, heads, activation, attentionDropout, reach, rotation } = settings;
  const all = x!;
  const rowsOf = (state: tf.Tensor) => (last ? readOut(side, state) : state);
  const entering = settings.normalizes ? at.use('attention.norm', all) : all;
  const tables = rotaryTables(side, rotation);
  const queryTables = last ? readOutTables(side, tables) : tables;
  const attending = {
    query: rotate(at.use('query', rowsOf(entering)), rotation.headSize, queryTables),
    key: rotate(at.use('key', entering), rotation.headSize, tables),
    value: at.use('value', entering),
    bias: reach === null ? paddingBias(side) : windowBias(side, last, reach),
  };
  const mixed = at.use('attention.output', at.attend(attending, { heads, attentionDropout }));
  const attended = rowsOf(all).add(at.dropout('attention.output', mixed, attentionDropout));
  const inner = at.use('norm', attended);
  const gated = activate(activation, at.use('gate', inner)).mul(at.use('intermediate', inner));
  return attended.add(at.use('output', at.dropout('intermediate', gated, settings.innerDropout)));
});

/** One of the equal parts into which the outputs of a fused module fall. */
const partSite = (
  name: string,
  module: string,
  [inSize, outSize]: readonly [number, number],
  { part, parts, bias }: { readonly part: number; readonly parts: number; readonly bias: boolean },
): LinearSite => {
  const site = linearSite(name, module, inSize, parts * outSize, { bias });
  const range = { part: { axis: 0, start: part * outSize, size: outSize } };
  return {
    ...site,
    weight: { ...site.weight, ...range },
    bias: site.bias && { ...site.bias, ...range },
  };
};

const layerModule = (index: number): string => `model.layers.${index}`;

/** The states that enter the first layer are normalized already. */
const normalizes = (index: number): boolean => index > 0;

/**
 * One pre-LayerNorm layer with rotary positions and a gated feed-forward network. As in the other encoders, the last layer
 * computes only the row that is read out.
 */
const layer = (config: ModernBertConfig, index: number, { last }: { readonly last: boolean }): Stage => {
  const { hiddenSize: d, intermediateSize: wide, layerNormEps, heads, activation, biases } = config;
  const module = layerModule(index);
  const reach = config.reaches[index] ?? null;
  const norm = (site: string, below: string) =>
    normSite(site, `${module}.${below}`, d, layerNormEps, { bias: biases.norm });
  const third = (site: string, part: number) =>
    partSite(site, `${module}.attn.Wqkv`, [d, d], { part, parts: 3, bias: biases.attention });
  const half = (site: string, part: number) =>
    partSite(site, `${module}.mlp.Wi`, [d, wide], { part, parts: 2, bias: biases.mlp });
  return gatedLayer({
    name: `layer.${index}`,
    settings: {
      ...{ last, heads, activation, attentionDropout: config.attentionDropout, reach },
      normalizes: normalizes(index),
      innerDropout: config.hiddenDropout,
      rotation: {
        rope: reach === null ? config.ropes.full : config.ropes.windowed,
        headSize: d / heads,
        positions: config.positions,
      },
    },
    attends: true,
    sites: [
      ...(normalizes(index) ? [norm('attention.norm', 'attn_norm')] : []),
      third('query', 0),
      third('key', 1),
      third('value', 2),
      linearSite('attention.output', `${module}.attn.Wo`, d, d, { bias: biases.attention }),
      norm('norm', 'mlp_norm'),
      half('gate', 0),
      half('intermediate', 1),
      linearSite('output', `${module}.mlp.Wo`, wide, d, { bias: biases.mlp }),
    ],
  });
};

const normedWords = defineStage((dropout: number, at, side) =>
  at.dropout('embeddings', at.use('norm', at.use('words', side.ids)), dropout),
);

const finalNorm = defineStage((_: null, at, _side, x) => at.use('final', x!));

const headStage = defineStage(
  ({ activation, labels }: { activation: Activation; labels: number }, at, _side, x) => {
    const hidden = at.use('norm', activate(activation, at.use('dense', at.use('final', x!))));
    return at.use('decoder', hidden).reshape([x!.shape[0]!, labels]);
  },
);

const reachesOf = (
  types: readonly string[] | null | undefined,
  { layers, every, reach }: { readonly layers: number; readonly every: number; readonly reach: number },
  complain: Complain,
): (number | null)[] => {
  const unknown = types?.find((type) => type !== 'full_attention' && type !== 'sliding_attention');
  if (unknown !== undefined) complain(`layer_types with "${unknown}"`, 'full_attention or sliding_attention');
  if (types && types.length !== layers)
    complain(`${types.length} layer_types for ${layers} layers`, 'one each');
  return Array.from({ length: layers }, (_, i) =>
    (types ? types[i] === 'sliding_attention' : i % every !== 0) ? reach : null,
  );
};

const orderOf = ({ biases, layers, tieWordEmbeddings }: ModernBertConfig): Part => {
  const both = (module: string, bias: boolean) => [`${module}.weight`, ...(bias ? [`${module}.bias`] : [])];
  const layerOrder = (_: unknown, i: number) => {
    const module = layerModule(i);
    return [
      ...(normalizes(i) ? both(`${module}.attn_norm`, biases.norm) : []),
      ...both(`${module}.attn.Wqkv`, biases.attention),
      ...both(`${module}.attn.Wo`, biases.attention),
      ...both(`${module}.mlp_norm`, biases.norm),
      ...both(`${module}.mlp.Wi`, biases.mlp),
      ...both(`${module}.mlp.Wo`, biases.mlp),
    ];
  };
  return one(
    'model.embeddings.tok_embeddings.weight',
    ...both('model.embeddings.norm', biases.norm),
    ...Array.from({ length: layers }, layerOrder).flat(),
    ...both('model.final_norm', biases.norm),
    ...both('head.dense', biases.head),
    ...both('head.norm', biases.norm),
    ...(tieWordEmbeddings ? [] : ['decoder.weight']),
    ...(biases.decoder ? ['decoder.bias'] : []),
  );
};

/** ModernBERT (Warner et al. 2024): rotary positions, layers that see a window of the text, gated feed-forward networks. */
export const modernbert = defineArchitecture({
  modelType: 'modernbert',
  title: 'ModernBERT',
  classes: { prefix: 'ModernBert', languageModel: 'ModernBertForMaskedLM' },
  objective: 'masked',
  fields: {
    ...commonFields,
    vocab_size: size,
    hidden_size: size,
    num_hidden_layers: count,
    num_attention_heads: count,
    intermediate_size: size,
    max_position_embeddings: size,
    hidden_activation: name.default('gelu'),
    norm_eps: eps.default(1e-5),
    norm_bias: z.boolean().default(false),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    classifier_bias: z.boolean().default(false),
    decoder_bias: z.boolean().default(true),
    classifier_activation: name.default('gelu'),
    attention_dropout: rate.default(0),
    embedding_dropout: rate.default(0),
    mlp_dropout: rate.default(0),
    pad_token_id: id.nullish(),
    layer_types: z.array(name).max(maxLayers).nullish(),
    global_attn_every_n_layers: count.default(3),
    local_attention: size.default(128),
    rope_parameters: layeredRopeFields.rope_parameters,
    rope_scaling: layeredRopeFields.rope_scaling,
    global_rope_theta: layeredRopeFields.rope_theta,
    local_rope_theta: layeredRopeFields.rope_theta,
  },
  config: (fields, complain): ModernBertConfig => {
    const { hidden_size: hiddenSize, num_attention_heads: heads, num_hidden_layers: layers } = fields;
    const { max_position_embeddings: positions, rope_parameters, rope_scaling } = fields;
    const ropeOf = (kind: 'full_attention' | 'sliding_attention', theta: number): Rope =>
      ropeFrom(
        { ...rope_parameters?.[kind], ...rope_scaling },
        { theta, positions, headSize: Math.floor(hiddenSize / heads) },
        complain,
      );
    const global = fields.global_rope_theta ?? 160_000;
    // transformers 4 takes null for the theta of the other layers.
    const local = fields.local_rope_theta === null ? global : (fields.local_rope_theta ?? 10_000);
    return {
      vocabSize: fields.vocab_size,
      hiddenSize,
      layers,
      heads,
      intermediateSize: fields.intermediate_size,
      activation: activationOf(fields.hidden_activation, complain),
      layerNormEps: fields.norm_eps,
      positions,
      maxTokens: positions,
      padTokenId: fields.pad_token_id ?? 50_283,
      tieWordEmbeddings: fields.tie_word_embeddings,
      hiddenDropout: fields.mlp_dropout,
      attentionDropout: fields.attention_dropout,
      initializerRange: fields.initializer_range,
      embeddingDropout: fields.embedding_dropout,
      reaches: reachesOf(
        fields.layer_types,
        {
          layers,
          every: fields.global_attn_every_n_layers,
          reach: Math.floor(fields.local_attention / 2),
        },
        complain,
      ),
      ropes: { full: ropeOf('full_attention', global), windowed: ropeOf('sliding_attention', local) },
      headActivation: activationOf(fields.classifier_activation, complain),
      biases: {
        norm: fields.norm_bias,
        attention: fields.attention_bias,
        mlp: fields.mlp_bias,
        head: fields.classifier_bias,
        decoder: fields.decoder_bias,
      },
    };
  },
  names: { base: 'model.', head: ['head.', 'decoder'] },
  network: (config) => {
    const { hiddenSize: d, vocabSize, layerNormEps, biases } = config;
    const norm = (site: string, module: string) =>
      normSite(site, module, d, layerNormEps, { bias: biases.norm });
    const last = norm('final', 'model.final_norm');
    return {
      embeddings: normedWords({
        name: 'embeddings',
        settings: config.embeddingDropout,
        sites: [
          embeddingSite('words', 'ids', {
            name: 'model.embeddings.tok_embeddings.weight',
            shape: [vocabSize, d],
          }),
          norm('norm', 'model.embeddings.norm'),
        ],
      }),
      layers: config.layers,
      layer: (i, options) => layer(config, i, options),
      final: finalNorm({ name: 'final', settings: null, sites: [last] }),
      head: (labelWordIds) => {
        const part = { rows: labelWordIds };
        return headStage({
          name: 'head',
          settings: { activation: config.headActivation, labels: labelWordIds.length },
          sites: [
            last,
            linearSite('dense', 'head.dense', d, d, { bias: biases.head }),
            norm('norm', 'head.norm'),
            {
              kind: 'linear',
              name: 'decoder',
              weight: { name: 'decoder.weight', shape: [vocabSize, d], part },
              bias: biases.decoder ? { name: 'decoder.bias', shape: [vocabSize], part } : undefined,
            },
          ],
        });
      },
    };
  },
  // The fused projection is one module to PEFT.
  targets: { lora: ['attn.Wqkv'], ia3: ['attn.Wqkv', 'mlp.Wo'], feedforward: ['output'] },
  orders: (config) => [[orderOf(config)]],
});
