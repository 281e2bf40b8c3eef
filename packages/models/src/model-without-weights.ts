import { NtkLensError } from '@ntk-lens/core';
import { buildStages } from './architectures/build-stages.js';
import { nameRulesOf } from './architectures/name-rules.js';
import { parametersOf } from './architectures/parameters-of.js';
import type { ModelConfig } from './architectures/registry.js';
import type { LanguageModel } from './language-model.js';

/** A weight was asked for before the weights are there. */
export class WeightsNotReadError extends NtkLensError {
  static readonly code = 'WEIGHTS_NOT_READ';
  constructor(what: string) {
    super(
      WeightsNotReadError.code,
      'input',
      `${what} was asked for while only the configuration of the model is read, expected a model with its weights. Ask for it once the model is open.`,
    );
  }
}

/**
 * A model of which only the configuration is known: its stages, and the names and shapes of its parameters. It serves to check a
 * request before weights are read or downloaded.
 *
 * @example
 * ```ts
 * const model = modelWithoutWeights(await readModelConfig(modelDirectory));
 * model.parameters.get('bert.embeddings.word_embeddings.weight'); // [30522, 384]
 * ```
 * @returns a model whose `read` and `hash` throw WeightsNotReadError
 */
export const modelWithoutWeights = (config: ModelConfig): LanguageModel => {
  const { decoderWeight, wordEmbeddings } = nameRulesOf(config);
  const refuse = async (what: string): Promise<never> => {
    throw new WeightsNotReadError(what);
  };
  return {
    config,
    parameters: parametersOf(config),
    stages: (labelWordIds) => buildStages(config, labelWordIds),
    read: (parameter) => refuse(parameter),
    storedName: (parameter) =>
      config.tieWordEmbeddings && parameter === decoderWeight ? wordEmbeddings : parameter,
    hash: () => refuse('The hash of the weights'),
    close: async () => {},
  };
};
