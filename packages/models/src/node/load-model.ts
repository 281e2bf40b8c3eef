import { openWeights } from '@ntk-lens/checkpoints';
import { type HashOptions, rememberedHash, verifyFileList } from '@ntk-lens/core';
import { type LanguageModel, modelFrom } from '../language-model.js';
import { readConfigJson, readModelConfig } from './read-model-config.js';

/**
 * Opens a model directory. Names and shapes of all weights are checked here; the weights themselves are read
 * one by one when they are asked for, so they never exist twice. A directory that `saveModel` wrote is verified by the hashes
 * that it lists. The hash of large weights is computed once, and known again by inode, size and times of their files.
 *
 * @example
 * ```ts
 * import { modelDirectory } from '@ntk-lens/minilm-mlm';
 * const model = await loadModel(modelDirectory);
 * model.parameters.get('bert.embeddings.word_embeddings.weight'); // [30522, 384]
 * ```
 * @param directory a Hugging Face model directory: config.json and weights
 * @param options.verify hash the weights even where their hash is known. Default: false
 * @throws ModelConfigError, UnsupportedArchitectureError for the configuration
 * @throws NoWeightsError, WeightFileFormatError, TruncatedWeightFileError, MissingWeightsError,
 *   WeightShapeError, UnusedLayersError, MissingShardsError, QuantizedModelError, DifferentCopiesError for the weights; DamagedFileError for a saved model whose files are not those that were
 *   written
 */
export const loadModel = async (directory: string, options?: HashOptions): Promise<LanguageModel> => {
  const config = await readModelConfig(directory);
  await verifyFileList(directory, options);
  const source = await openWeights(directory);
  try {
    const model = await modelFrom(config, source, (await readConfigJson(directory)).value);
    const files = [...new Set(source.names.map((name) => source.info(name).file))];
    const names = [...model.parameters.keys()].map((name) => [name, model.storedName(name)]);
    const what = `model ${JSON.stringify([config, names])}`;
    let hash: Promise<string> | undefined;
    return { ...model, hash: () => (hash ??= rememberedHash(files, what, () => model.hash(), options)) };
  } catch (error) {
    await source.close();
    throw error;
  }
};
