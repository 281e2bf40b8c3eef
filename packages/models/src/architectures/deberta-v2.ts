import * as z from 'zod';
import type { DistanceRows } from '../sites/distance-rows.js';
import { normSite } from '../sites/norm.js';
import { defineStage } from '../stages/define-stage.js';
import type { Stage } from '../stages/stage.js';
import { defineArchitecture } from './define-architecture.js';
import type { Activation, NetworkConfig } from './network-config.js';
import { type LayerNames, type PostNormSettings, postNorm, postNormSites } from './parts/bert-layer.js';
import { activationOf, encoderConfig, encoderFields, eps, name, size } from './parts/config-fields.js';
import { convolutionSite, neighbours } from './parts/convolution.js';
import {
  type DistanceMeetings,
  type DistanceSettings,
  distanceScores,
  distanceSites,
} from './parts/disentangled-attention.js';
import { distanceFields, distanceRowsOf, meetingsOf } from './parts/distance-fields.js';
import { encoderEmbeddings } from './parts/encoder-embeddings.js';
import { activate, paddingBias, readOut } from './parts/layers.js';
import { decoderNames, mlmHead } from './parts/mlm-head.js';
import { both, eachLayer, headParts, one, type Part } from './parts/orders.js';

interface DebertaConfig extends NetworkConfig {
  readonly typeVocabSize?: number;
  readonly embeddingSize: number;
  /** Positions are added to the words. */
  readonly positionTable: boolean;
  /** The meetings of contents and distances in attention scores. */
  readonly meetings: DistanceMeetings;
  /** The rows of the table of distances, where there is one. */
  readonly distances?: DistanceRows;
  readonly normalizesDistances: boolean;
  /** Queries and keys of distances are made as those of contents. */
  readonly sharesProjections: boolean;
  /** A convolution that is added to the first layer, where there is one. */
  readonly convolution?: { readonly kernel: number; readonly activation: Activation };
  /** The head is `cls.predictions`, and `lm_predictions` otherwise. */
  readonly legacyHead: boolean;
}

const base = 'deberta.';
const TABLE = `${base}encoder.rel_embeddings.weight`;
const TABLE_NORM = `${base}encoder.LayerNorm`;
const CONVOLUTION = `${base}encoder.conv`;

const layerNames = (index: number): LayerNames => {
  const layer = `${base}encoder.layer.${index}`;
  return {
    query: `${layer}.attention.self.query_proj`,
    key: `${layer}.attention.self.key_proj`,
    value: `${layer}.attention.self.value_proj`,
    attentionOutput: `${layer}.attention.output.dense`,
    attentionNorm: `${layer}.attention.output.LayerNorm`,
    intermediate: `${layer}.intermediate.dense`,
    output: `${layer}.output.dense`,
    outputNorm: `${layer}.output.LayerNorm`,
  };
};

/** Modules of a layer that make keys and queries of distances alone. */
const ownModules = (index: number) => {
  const attention = `${base}encoder.layer.${index}.attention.self`;
  return { key: `${attention}.pos_key_proj`, query: `${attention}.pos_query_proj` };
};

interface LayerSettings extends PostNormSettings {
  readonly scale: number;
  readonly distances: DistanceSettings | undefined;
  readonly convolution: DebertaConfig['convolution'];
}

const disentangledLayer = defineStage((settings: LayerSettings, at, side, x) => {
  const { last, scale, distances, convolution, hiddenDropout } = settings;
  const y = postNorm(settings, at, side, x!, (query, key) => {
    const padding = paddingBias(side);
    return {
      scale,
      bias: distances ? padding.add(distanceScores(distances, at, side, query, key)) : padding,
    };
  });
  if (!convolution) return y;
  // The padding counts as zeros.
  const around = neighbours(x!.mul(side.attention.expandDims(2)), convolution.kernel);
  const convolved = at.use('convolution', last ? readOut(side, around) : around);
  const added = activate(convolution.activation, at.dropout('convolution', convolved, hiddenDropout));
  return at.use('convolution.norm', y.add(added));
});

const layer = (config: DebertaConfig, index: number, { last }: { readonly last: boolean }): Stage => {
  const { hiddenSize: d, heads, activation, hiddenDropout, attentionDropout, layerNormEps } = config;
  const { meetings } = config;
  const distances = meetings.queries || meetings.keys ? config.distances : undefined;
  const convolution = index === 0 ? config.convolution : undefined;
  const names = layerNames(index);
  // Counted whether there is a table of distances or not.
  const parts = 1 + Number(meetings.queries) + Number(meetings.keys);
  const scale = 1 / Math.sqrt((d / heads) * parts);
  const norm = config.normalizesDistances;
  return disentangledLayer({
    name: `layer.${index}`,
    settings: {
      ...{ last, heads, activation, hiddenDropout, attentionDropout, scale, convolution },
      dropoutAt: ['attention.output', 'output'],
      distances: distances && { ...meetings, heads, scale, norm, dropout: hiddenDropout, last },
    },
    attends: true,
    sites: [
      ...postNormSites(names, config, { zeroKeyBias: !(distances && meetings.keys) }),
      ...(distances
        ? distanceSites(
            { table: TABLE, rows: distances, norm: norm ? TABLE_NORM : undefined, eps: layerNormEps },
            config.sharesProjections ? { ...names, shared: true } : { ...ownModules(index), shared: false },
            meetings,
            d,
          )
        : []),
      ...(convolution
        ? [
            convolutionSite('convolution', `${CONVOLUTION}.conv`, d, convolution.kernel),
            normSite('convolution.norm', `${CONVOLUTION}.LayerNorm`, d, layerNormEps),
          ]
        : []),
    ],
  });
};

/** transformers' older head. */
const OLD_HEAD = {
  dense: 'cls.predictions.transform.dense',
  norm: 'cls.predictions.transform.LayerNorm',
  decoderWeight: 'cls.predictions.decoder.weight',
  decoderBias: 'cls.predictions.bias',
};

/** The newer one is the same network; it multiplies by the word embeddings themselves and has no name for its decoder. */
const NEW_HEAD = {
  dense: 'lm_predictions.lm_head.dense',
  norm: 'lm_predictions.lm_head.LayerNorm',
  decoderWeight: 'lm_predictions.lm_head.decoder.weight',
  decoderBias: 'lm_predictions.lm_head.bias',
};

const headNames = ({ legacyHead, tieWordEmbeddings: tied }: DebertaConfig) =>
  legacyHead ? { ...OLD_HEAD, ...decoderNames('cls.predictions.', tied) } : NEW_HEAD;

const parametersOfHead = ({ dense, norm, decoderWeight, decoderBias }: typeof NEW_HEAD) => [
  ...both([dense, norm]),
  decoderWeight,
  decoderBias,
];

/** The parameters of the older head by those of the newer. */
const olderNames = new Map(
  parametersOfHead(NEW_HEAD).map((parameter, i) => [parameter, parametersOfHead(OLD_HEAD)[i]!]),
);

/** The table of distances, which is there even if no score sees it. */
const tableParts = ({ hiddenSize: d, distances, normalizesDistances }: DebertaConfig): Part => {
  const shapes = [
    ...(distances ? [[TABLE, [2 * distances.span, d]] as const] : []),
    ...(normalizesDistances ? both([TABLE_NORM]).map((parameter) => [parameter, [d]] as const) : []),
  ];
  return { choices: [shapes.map(([parameter]) => parameter)], besides: shapes };
};

const ordersOf = (config: DebertaConfig): readonly Part[] => {
  const { meetings, distances, sharesProjections, typeVocabSize, positionTable, convolution } = config;
  const own = distances !== undefined && !sharesProjections;
  const tables = ['word', ...(positionTable ? ['position'] : []), ...(typeVocabSize ? ['token_type'] : [])];
  const module = `${base}embeddings`;
  return [
    one(
      ...tables.map((table) => `${module}.${table}_embeddings.weight`),
      ...(config.embeddingSize === config.hiddenSize ? [] : [`${module}.embed_proj.weight`]),
      ...both([`${module}.LayerNorm`]),
    ),
    eachLayer(config.layers, (i) => {
      const { query, key, value, ...others } = layerNames(i);
      const { key: positionKey, query: positionQuery } = ownModules(i);
      return [
        ...[query, key, value],
        ...(own && meetings.queries ? [positionKey] : []),
        ...(own && meetings.keys ? [positionQuery] : []),
        ...Object.values(others),
      ];
    }),
    tableParts(config),
    one(...(convolution ? both([`${CONVOLUTION}.conv`, `${CONVOLUTION}.LayerNorm`]) : [])),
    ...(config.legacyHead
      ? headParts(config, 'cls.predictions.', ['transform.dense', 'transform.LayerNorm'])
      : [one(NEW_HEAD.decoderBias, ...both([NEW_HEAD.dense, NEW_HEAD.norm]))]),
  ];
};

/** DeBERTa-v2 and v3 (He et al. 2021): BERT's layers, whose attention scores see contents and distances apart. */
export const debertaV2 = defineArchitecture({
  modelType: 'deberta-v2',
  title: 'DeBERTa-v2 and DeBERTa-v3',
  classes: { prefix: 'DebertaV2', languageModel: 'DebertaV2ForMaskedLM' },
  objective: 'masked',
  fields: {
    ...encoderFields,
    layer_norm_eps: eps.default(1e-7),
    type_vocab_size: size.or(z.literal(0)).default(0),
    embedding_size: size.nullish(),
    attention_head_size: size.nullish(),
    ...distanceFields,
    position_biased_input: z.boolean().default(true),
    share_att_key: z.boolean().default(false),
    norm_rel_ebd: name.default('none'),
    conv_kernel_size: size.or(z.literal(0)).default(0),
    conv_groups: size.default(1),
    conv_act: name.default('tanh'),
    legacy: z.boolean().default(true),
  },
  config: (fields, complain): DebertaConfig => {
    const common = encoderConfig(fields, complain);
    const { hiddenSize: d, heads, positions } = common;
    const { conv_kernel_size: kernel, embedding_size: embeddingSize, legacy } = fields;
    const norms = fields.norm_rel_ebd.toLowerCase().split('|');
    if (fields.attention_head_size && fields.attention_head_size * heads !== d)
      complain(`attention_head_size ${fields.attention_head_size}`, `${d / heads}, hidden_size over heads`);
    if (kernel > 0 && kernel % 2 === 0) complain(`conv_kernel_size ${kernel}`, 'an odd number');
    if (kernel > 0 && fields.conv_groups !== 1) complain(`conv_groups ${fields.conv_groups}`, '1');
    if (!legacy && embeddingSize && embeddingSize !== d)
      complain(`embedding_size ${embeddingSize} and legacy: false`, `${d}, the hidden size`);
    return {
      ...common,
      // The new head has no decoder but the word embeddings.
      tieWordEmbeddings: legacy ? common.tieWordEmbeddings : true,
      typeVocabSize: fields.type_vocab_size || undefined,
      embeddingSize: embeddingSize ?? d,
      positionTable: fields.position_biased_input,
      meetings: meetingsOf(fields.pos_att_type, complain),
      distances: distanceRowsOf(fields, positions, complain),
      normalizesDistances: norms.some((norm) => norm.trim() === 'layer_norm'),
      sharesProjections: fields.share_att_key,
      convolution: kernel > 0 ? { kernel, activation: activationOf(fields.conv_act, complain) } : undefined,
      legacyHead: legacy,
    };
  },
  names: {
    base,
    head: ['cls.predictions.', 'lm_predictions.'],
    // Published files hold the newer head under configurations that do not say so.
    elsewhere: new Map([...olderNames].map(([newer, older]) => [older, newer])),
    untied: { names: olderNames, fields: { legacy: true } },
  },
  network: (config) => ({
    embeddings: encoderEmbeddings({
      ...config,
      module: `${base}embeddings`,
      projection: config.embeddingSize === config.hiddenSize ? undefined : `${base}embeddings.embed_proj`,
      projectsFirst: true,
    }),
    layers: config.layers,
    layer: (i, options) => layer(config, i, options),
    head: (labelWordIds) => mlmHead({ ...config, ...headNames(config) }, labelWordIds),
  }),
  // As PEFT chooses. A module that contents and distances share is changed for both.
  targets: {
    lora: ['query_proj', 'value_proj'],
    ia3: ['key_proj', 'value_proj', 'output'],
    feedforward: ['output'],
  },
  orders: (config) => [ordersOf(config)],
});
