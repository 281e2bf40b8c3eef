import { openWeights } from '@ntk-lens/checkpoints';
import { type EncodedExample, type NDArray, ndarray } from '@ntk-lens/core';
import { type LanguageModel, modelFrom, readModelConfig } from '@ntk-lens/models';

/** A model that knows no words but those in use, for work that would take long with the whole vocabulary. */
export interface UsedWords {
  readonly model: LanguageModel;
  example(example: EncodedExample): EncodedExample;
  word(id: number): number;
  /** The rows in use of an array whose rows are words; any other array as it is. */
  rows(array: NDArray<'float32'>): NDArray<'float32'>;
}

/**
 * The model of a directory whose vocabulary is the words of some examples and some others. Rows of other words have no
 * gradient, so kernels are those of the whole model.
 */
export const usedWords = async (
  directory: string,
  examples: readonly EncodedExample[],
  others: readonly number[],
): Promise<UsedWords> => {
  const ids = [...new Set([...examples.flatMap(({ inputIds }) => [...inputIds]), ...others])];
  const config = await readModelConfig(directory);
  const isVocabulary = (shape: readonly number[]) => shape[0] === config.vocabSize;
  const cut = (shape: readonly number[]) => (isVocabulary(shape) ? [ids.length, ...shape.slice(1)] : shape);
  const rows = (array: NDArray<'float32'>): NDArray<'float32'> => {
    if (!isVocabulary(array.shape)) return array;
    const width = array.data.length / config.vocabSize;
    const kept = ids.flatMap((id) => [...array.data.subarray(id * width, (id + 1) * width)]);
    return ndarray<'float32'>(Float32Array.from(kept), cut(array.shape));
  };
  const source = await openWeights(directory);
  const model = await modelFrom(
    { ...config, vocabSize: ids.length },
    {
      ...{ names: source.names, has: (name) => source.has(name), close: () => source.close() },
      info: (name) => ({ ...source.info(name), shape: cut(source.info(name).shape) }),
      bytes: (name) => source.bytes(name),
      read: async (name) => rows(await source.read(name)),
    },
  );
  return {
    ...{ model, rows, word: (id) => ids.indexOf(id) },
    example: ({ inputIds, position }) => ({ inputIds: inputIds.map((id) => ids.indexOf(id)), position }),
  };
};
