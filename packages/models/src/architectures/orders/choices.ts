import type { ModelConfig, ModelType } from '../../config/model-config.js';

/** A part of an order that model classes or versions write differently: one of the alternatives. */
export type Choice = readonly (readonly string[])[];

/** The configurations of one model type. */
export type ConfigOf<T extends ModelType, C = ModelConfig> = C extends ModelConfig
  ? T extends C['modelType']
    ? C
    : never
  : never;

/** How transformers' classes of one architecture order the trained parameters, and what they have besides. */
export interface ParameterOrders<C extends ModelConfig = ModelConfig> {
  /** Alternative orders, each a list of parts. A tied decoder is there once. */
  orders(config: C): readonly (readonly Choice[])[];
  /** Names and shapes of parameters that an order may have and this project's network has not. */
  unused(config: C): readonly (readonly [name: string, shape: readonly number[]])[];
}

/** Weight and bias of each module. */
export const both = (modules: readonly string[], prefix = ''): string[] =>
  modules.flatMap((module) => [`${prefix}${module}.weight`, `${prefix}${module}.bias`]);

/** The parts of n layers, one after the other. */
export const count = (n: number, parts: (i: number) => readonly string[]): string[] =>
  Array.from({ length: n }, (_, i) => parts(i)).flat();

/** Parameters that every class has. */
export const one = (...names: string[]): Choice => [names];

/** Parameters that some classes have and others have not. */
export const maybe = (...names: string[]): Choice => [[], names];

/** Tables and norm of the embeddings of BERT's relatives. */
export const embeddings = (base: string): Choice =>
  one(
    `${base}embeddings.word_embeddings.weight`,
    `${base}embeddings.position_embeddings.weight`,
    `${base}embeddings.token_type_embeddings.weight`,
    ...both([`${base}embeddings.LayerNorm`]),
  );

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

/** The layers of BERT's relatives. */
export const bertLayers = (base: string, { layers }: ModelConfig): Choice =>
  one(...count(layers, (i) => both(bertLayer, `${base}encoder.layer.${i}.`)));

/** The decoder as a parameter of its own: transformers 5 gives it a second bias, 4 shares that of the head. */
export const untied = ({ tieWordEmbeddings }: ModelConfig, head: string): Choice =>
  tieWordEmbeddings ? [[]] : [[`${head}decoder.weight`, `${head}decoder.bias`], [`${head}decoder.weight`]];

/** Shapes of a dense module of the hidden states. */
export const moduleShapes = (
  module: string,
  rows: number,
  { hiddenSize }: ModelConfig,
): readonly (readonly [string, readonly number[]])[] => [
  [`${module}.weight`, [rows, hiddenSize]],
  [`${module}.bias`, [rows]],
];

/** Shapes of a head's biases: untied heads of transformers 5 have two, of which the network uses one. */
export const headBiases = (
  head: string,
  { vocabSize }: ModelConfig,
): readonly (readonly [string, readonly number[]])[] => [
  [`${head}bias`, [vocabSize]],
  [`${head}decoder.bias`, [vocabSize]],
];
