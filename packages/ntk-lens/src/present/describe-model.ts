import type { LanguageModel } from '@ntk-lens/models';
import { parameterCount } from '@ntk-lens/models';
import type { Table } from '@ntk-lens/report';

/** The output of `ntk-lens models show --json`. */
export interface ModelDescription {
  readonly name: string;
  readonly directory: string;
  readonly architecture: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly vocabSize: number;
  readonly maxTokens: number;
  readonly parameters: number;
  readonly hash: string;
}

/** Reads what there is to say about an opened model; the hash reads all weights once. */
export const describeModel = async (
  name: string,
  directory: string,
  model: LanguageModel,
): Promise<ModelDescription> => {
  const { modelType, layers, hiddenSize, heads, vocabSize, maxTokens } = model.config;
  return {
    name,
    directory,
    architecture: modelType,
    layers,
    hiddenSize,
    heads,
    vocabSize,
    maxTokens,
    parameters: parameterCount(model),
    hash: await model.hash(),
  };
};

export const modelTable = (description: ModelDescription): Table => ({
  title: description.name,
  columns: [{ header: 'property' }, { header: 'value', align: 'left' }],
  rows: [
    ['directory', description.directory],
    ['architecture', description.architecture],
    ['layers', `${description.layers} of width ${description.hiddenSize}, ${description.heads} heads`],
    ['vocabulary', `${description.vocabSize} tokens`],
    ['longest input', `${description.maxTokens} tokens`],
    ['parameters', `${(description.parameters / 1e6).toFixed(2)} M`],
    ['SHA-256', description.hash],
  ].map((cells) => ({ cells })),
});
