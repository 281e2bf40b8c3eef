import type { NetworkConfig } from '../network-config.js';

type NamedShape = readonly [name: string, shape: readonly number[]];

/** A part of an order of parameters. */
export interface Part {
  /** Names, as one of the alternatives that model classes or versions write. */
  readonly choices: readonly (readonly string[])[];
  /** Names and shapes of those parameters that this project's network may lack. */
  readonly besides?: readonly NamedShape[];
}

/** Weight and bias of each module. */
export const both = (modules: readonly string[], prefix = ''): string[] =>
  modules.flatMap((module) => [`${prefix}${module}.weight`, `${prefix}${module}.bias`]);

/** Parameters that every class has. */
export const one = (...names: string[]): Part => ({ choices: [names] });

/** Parameters that some classes have and others have not. */
export const maybe = (...names: string[]): Part => ({ choices: [[], names] });

/** A dense module of the hidden states that some classes have, and this project's network has not. */
export const maybeDense = (module: string, rows: number, { hiddenSize }: NetworkConfig): Part => ({
  ...maybe(...both([module])),
  besides: [
    [`${module}.weight`, [rows, hiddenSize]],
    [`${module}.bias`, [rows]],
  ],
});

/** Tables and norm of the embeddings of BERT's relatives. */
export const embeddings = (base: string, tables = ['word', 'position', 'token_type']): Part =>
  one(
    ...tables.map((table) => `${base}embeddings.${table}_embeddings.weight`),
    ...both([`${base}embeddings.LayerNorm`]),
  );

/** Weights and biases of the modules of n layers, one layer after the other. */
export const eachLayer = (n: number, modulesOf: (index: number) => readonly string[]): Part =>
  one(...Array.from({ length: n }, (_, i) => both(modulesOf(i))).flat());

/**
 * The decoder as a parameter of its own: transformers 5 gives it a second bias, of which the network uses one, 4 shares
 * that of the head.
 */
export const untied = ({ tieWordEmbeddings, vocabSize }: NetworkConfig, head: string): Part => ({
  choices: tieWordEmbeddings
    ? [[]]
    : [[`${head}decoder.weight`, `${head}decoder.bias`], [`${head}decoder.weight`]],
  besides: [
    [`${head}bias`, [vocabSize]],
    [`${head}decoder.bias`, [vocabSize]],
  ],
});

/** A language-model head: its bias, its modules, and its decoder where that is not tied. */
export const headParts = (
  config: NetworkConfig,
  head: string,
  modules: readonly string[],
): readonly [modules: Part, decoder: Part] => [
  one(`${head}bias`, ...both(modules, head)),
  untied(config, head),
];
