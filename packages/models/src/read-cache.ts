import { type NDArray, sizeOf } from '@ntk-lens/core';
import type { LanguageModel } from './language-model.js';

/**
 * The same model, which keeps what was read of it: work that goes through the weights many times reads and
 * widens them once. Where they do not all fit, those that were read longest ago go.
 *
 * @example
 * ```ts
 * const base = withReadCache(await loadModel(modelDirectory));
 * ```
 * @param bytes most bytes of float32 that are kept. Default: 256 MiB
 */
export const withReadCache = (model: LanguageModel, bytes = 256 * 2 ** 20): LanguageModel => {
  // In the order of use, the oldest first; a promise, so that two readers at once share one read.
  const kept = new Map<string, Promise<NDArray<'float32'>>>();
  let used = 0;
  const sizeOfStored = new Map(
    [...model.parameters].map(([name, shape]) => [model.storedName(name), 4 * sizeOf(shape)]),
  );
  const forget = (stored: string): void => {
    if (kept.delete(stored)) used -= sizeOfStored.get(stored)!;
  };
  return {
    ...model,
    read: async (parameter, options = {}) => {
      // Rows are few, and what streams comes back when it was forgotten.
      if (options.rows || options.allocate) return model.read(parameter, options);
      const stored = model.storedName(parameter);
      const size = sizeOfStored.get(stored) ?? Number.POSITIVE_INFINITY;
      if (size > bytes) return model.read(parameter);
      const reading = kept.get(stored) ?? model.read(parameter);
      forget(stored);
      for (const [oldest] of kept) {
        if (used + size <= bytes) break;
        forget(oldest);
      }
      kept.set(stored, reading);
      used += size;
      try {
        const { data, ...array } = await reading;
        return { ...array, data: data.slice() };
      } catch (error) {
        if (kept.get(stored) === reading) forget(stored);
        throw error;
      }
    },
    close: async () => {
      kept.clear();
      used = 0;
      await model.close();
    },
  };
};
