import { sizeOf } from '@ntk-lens/core';
import type { LanguageModel } from './language-model.js';

/**
 * Numbers in the parameters that a model's files hold. A decoder tied to the word embeddings is counted once here, though
 * kernels take it as a parameter of its own (docs/theory.md, Tied decoder).
 *
 * @example
 * ```ts
 * Math.round(parameterCount(await loadModel(modelDirectory)) / 1e6); // 23 million
 * ```
 */
export const parameterCount = ({
  config,
  parameters,
}: Pick<LanguageModel, 'config' | 'parameters'>): number => {
  const all = [...parameters.values()].reduce((sum, shape) => sum + sizeOf(shape), 0);
  const width = 'embeddingSize' in config ? config.embeddingSize : config.hiddenSize;
  return config.tieWordEmbeddings ? all - config.vocabSize * width : all;
};
