import type { AlbertConfig, ModelConfig } from '../config/model-config.js';
import { parametersOf } from '../language-model.js';
import { nameRules } from '../weights/weight-names.js';

/** A part of an order that model classes or versions write differently: one of the alternatives. */
type Choice = readonly (readonly string[])[];

const both = (modules: readonly string[], prefix = ''): string[] =>
  modules.flatMap((module) => [`${prefix}${module}.weight`, `${prefix}${module}.bias`]);

const count = (n: number, parts: (i: number) => readonly string[]): string[] =>
  Array.from({ length: n }, (_, i) => parts(i)).flat();

const one = (...names: string[]): Choice => [names];
const maybe = (...names: string[]): Choice => [[], names];

const bertLayer = [
  'attention.self.query',
  'attention.self.key',
  'attention.self.value',
  'attention.output.dense',
  'attention.output.LayerNorm',
  'intermediate.dense',
  'output.dense',
  'output.LayerNorm',
];
const bertLayers = (base: string, { layers }: ModelConfig): Choice =>
  one(...count(layers, (i) => both(bertLayer, `${base}encoder.layer.${i}.`)));

const embeddings = (base: string): Choice =>
  one(
    `${base}embeddings.word_embeddings.weight`,
    `${base}embeddings.position_embeddings.weight`,
    `${base}embeddings.token_type_embeddings.weight`,
    ...both([`${base}embeddings.LayerNorm`]),
  );

/** The decoder as a parameter of its own: transformers 5 gives it a second bias, 4 shares that of the head. */
const untied = ({ tieWordEmbeddings }: ModelConfig, head: string): Choice =>
  tieWordEmbeddings ? [[]] : [[`${head}decoder.weight`, `${head}decoder.bias`], [`${head}decoder.weight`]];

const bertOrder = (config: ModelConfig): readonly (readonly Choice[])[] => [
  [
    embeddings('bert.'),
    bertLayers('bert.', config),
    maybe(...both(['bert.pooler.dense'])),
    one('cls.predictions.bias', ...both(['transform.dense', 'transform.LayerNorm'], 'cls.predictions.')),
    untied(config, 'cls.predictions.'),
    maybe(...both(['cls.seq_relationship'])),
  ],
];

/** transformers 5 puts RoBERTa's positions last; in its XLM-RoBERTa the head comes first and owns the tied table. */
const robertaOrder = (config: ModelConfig): readonly (readonly Choice[])[] => {
  const words = 'roberta.embeddings.word_embeddings.weight';
  const positions = 'roberta.embeddings.position_embeddings.weight';
  const types = 'roberta.embeddings.token_type_embeddings.weight';
  const norm = both(['roberta.embeddings.LayerNorm']);
  const head = one('lm_head.bias', ...both(['dense', 'layer_norm'], 'lm_head.'));
  const body = [bertLayers('roberta.', config), maybe(...both(['roberta.pooler.dense']))];
  const tables = (...first: string[]): Choice => [
    [...first, positions, types, ...norm],
    [...first, types, ...norm, positions],
  ];
  const headFirst = config.tieWordEmbeddings
    ? [head, one('lm_head.decoder.weight'), tables(), ...body]
    : [head, untied(config, 'lm_head.'), tables(words), ...body];
  return [[tables(words), ...body, head, untied(config, 'lm_head.')], headFirst];
};

const distilbertOrder = ({ layers, tieWordEmbeddings }: ModelConfig): readonly (readonly Choice[])[] => {
  const layer = ['q_lin', 'k_lin', 'v_lin', 'out_lin'].map((name) => `attention.${name}`);
  layer.push('sa_layer_norm', 'ffn.lin1', 'ffn.lin2', 'output_layer_norm');
  return [
    [
      one('distilbert.embeddings.word_embeddings.weight'),
      // Sinusoidal positions are not trained.
      maybe('distilbert.embeddings.position_embeddings.weight'),
      one(...both(['distilbert.embeddings.LayerNorm'])),
      one(...count(layers, (i) => both(layer, `distilbert.transformer.layer.${i}.`))),
      one(...both(['vocab_transform', 'vocab_layer_norm'])),
      one(...(tieWordEmbeddings ? [] : ['vocab_projector.weight']), 'vocab_projector.bias'),
    ],
  ];
};

const albertOrder = (config: AlbertConfig): readonly (readonly Choice[])[] => {
  const attention = ['query', 'key', 'value', 'dense', 'LayerNorm'].map((name) => `attention.${name}`);
  const layer = ['full_layer_layer_norm', ...attention, 'ffn', 'ffn_output'];
  const group = (g: number) =>
    count(config.innerGroups, (i) =>
      both(layer, `albert.encoder.albert_layer_groups.${g}.albert_layers.${i}.`),
    );
  return [
    [
      embeddings('albert.'),
      one(...both(['albert.encoder.embedding_hidden_mapping_in'])),
      one(...count(config.hiddenGroups, group)),
      maybe(...both(['albert.pooler'])),
      one('predictions.bias', ...both(['LayerNorm', 'dense'], 'predictions.')),
      untied(config, 'predictions.'),
      maybe(...both(['sop_classifier.classifier'])),
    ],
  ];
};

const electraOrder = (config: ModelConfig): readonly (readonly Choice[])[] => {
  const projection = both(['electra.embeddings_project']);
  return [
    [
      embeddings('electra.'),
      one(...projection.filter((name) => parametersOf(config).has(name))),
      bertLayers('electra.', config),
      one(...both(['generator_predictions.LayerNorm', 'generator_predictions.dense'])),
      one(...(config.tieWordEmbeddings ? [] : ['generator_lm_head.weight']), 'generator_lm_head.bias'),
    ],
  ];
};

const gpt2Order = ({ layers, tieWordEmbeddings }: ModelConfig): readonly (readonly Choice[])[] => {
  const block = ['ln_1', 'attn.c_attn', 'attn.c_proj', 'ln_2', 'mlp.c_fc', 'mlp.c_proj'];
  return [
    [
      one('transformer.wte.weight', 'transformer.wpe.weight'),
      one(...count(layers, (i) => both(block, `transformer.h.${i}.`))),
      one(...both(['transformer.ln_f'])),
      one(...(tieWordEmbeddings ? [] : ['lm_head.weight'])),
    ],
  ];
};

const choicesOf = (config: ModelConfig): readonly (readonly Choice[])[] => {
  switch (config.modelType) {
    case 'bert':
      return bertOrder(config);
    case 'roberta':
    case 'xlm-roberta':
      return robertaOrder(config);
    case 'distilbert':
      return distilbertOrder(config);
    case 'albert':
      return albertOrder(config);
    case 'electra':
      return electraOrder(config);
    case 'gpt2':
      return gpt2Order(config);
  }
};

/**
 * Every order in which a language-model class of transformers 4 or 5 has the trained parameters of a configuration, with
 * and without the parts that this project's networks do not use: poolers, and heads of sentence pairs. A tied decoder
 * is there once.
 */
export const parameterOrders = (config: ModelConfig): readonly (readonly string[])[] =>
  choicesOf(config).flatMap((choices) =>
    choices.reduce<readonly (readonly string[])[]>(
      (orders, choice) => orders.flatMap((order) => choice.map((names) => [...order, ...names])),
      [[]],
    ),
  );

/** Shapes of all parameters that an order may name, the network's own and the others. */
export const orderedShapes = (config: ModelConfig): ReadonlyMap<string, readonly number[]> => {
  const { hiddenSize: d, vocabSize, modelType } = config;
  const shapes = new Map(parametersOf(config));
  const add = (module: string, rows: number) =>
    shapes.set(`${module}.weight`, [rows, d]).set(`${module}.bias`, [rows]);
  const { base, head } = nameRules[modelType];
  switch (modelType) {
    case 'bert':
      add('cls.seq_relationship', 2);
      add('bert.pooler.dense', d);
      break;
    case 'albert':
      add('sop_classifier.classifier', 2);
      add('albert.pooler', d);
      break;
    case 'roberta':
    case 'xlm-roberta':
      add(`${base}pooler.dense`, d);
      break;
    default:
      return shapes;
  }
  // Untied heads of transformers 5 have two biases, of which the network uses one.
  for (const bias of ['bias', 'decoder.bias']) shapes.set(`${head[0]}${bias}`, [vocabSize]);
  return shapes;
};
