import { sizeOf } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';

/**
 * Parameters that the model's files hold. A decoder tied to the word embeddings is counted once here, though
 * kernels take it as a parameter of its own (docs/theory.md, Tied decoder).
 * @internal
 */
export const parameterCount = ({ config, parameters }: LanguageModel): number => {
  const all = [...parameters.values()].reduce((sum, shape) => sum + sizeOf(shape), 0);
  const width = 'embeddingSize' in config ? config.embeddingSize : config.hiddenSize;
  return config.tieWordEmbeddings ? all - config.vocabSize * width : all;
};
