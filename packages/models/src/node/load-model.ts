import { openWeights } from '@ntk-lens/checkpoints';
import { type LanguageModel, modelFrom } from '../language-model.js';
import { readModelConfig } from './read-model-config.js';

/**
 * Opens a model directory. Names and shapes of all weights are checked here; the weights themselves are read
 * one by one when they are asked for, so they never exist twice.
 *
 * @example
 * ```ts
 * import { modelDirectory } from '@ntk-lens/minilm-mlm';
 * const model = await loadModel(modelDirectory);
 * model.parameters.get('bert.embeddings.word_embeddings.weight'); // [30522, 384]
 * ```
 * @param directory a Hugging Face model directory: config.json and weights
 * @throws ModelConfigError, UnsupportedArchitectureError for the configuration
 * @throws NoWeightsError, WeightFileFormatError, TruncatedWeightFileError, MissingWeightsError,
 *   WeightShapeError, DifferentCopiesError for the weights
 */
export const loadModel = async (directory: string): Promise<LanguageModel> => {
  const config = await readModelConfig(directory);
  const source = await openWeights(directory);
  try {
    return await modelFrom(config, source);
  } catch (error) {
    await source.close();
    throw error;
  }
};
