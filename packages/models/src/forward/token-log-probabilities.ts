import { BadArgumentError, type NDArray, zeros } from '@ntk-lens/core';
import { type ForwardOptions, runBatches } from './run-batches.js';

export interface TokenLogProbabilitiesOptions extends ForwardOptions {
  /** Tokens to look up. */
  readonly tokens: readonly number[];
}

/**
 * Natural log-probabilities of tokens under the softmax over the whole vocabulary, at the position that is
 * read. Label words of several tokens are scored by them. The logits of the vocabulary are kept for one batch
 * only.
 *
 * @example
 * ```ts
 * const scores = await tokenLogProbabilities({ model, runtime, examples, tokens: [6659, 2307] });
 * scores.shape; // [examples.length, 2]
 * ```
 * @returns float64 `[n, tokens.length]`, in the order of the examples
 * @throws BadArgumentError for a token outside the vocabulary, and what `forwardLogits` throws
 */
export const tokenLogProbabilities = async ({
  tokens,
  ...options
}: TokenLogProbabilitiesOptions): Promise<NDArray<'float64'>> => {
  const { vocabSize } = options.model.config;
  const bad = tokens.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize));
  if (bad !== undefined)
    throw new BadArgumentError('token', bad, `ids below the vocabulary size ${vocabSize}`);
  const result = zeros('float64', [options.examples.length, tokens.length]);
  const vocabulary = Array.from({ length: vocabSize }, (_, id) => id);
  await runBatches(options, options.model.stages(vocabulary), ({ indices }, { data }) => {
    for (const [row, index] of indices.entries()) {
      const start = row * vocabSize;
      let most = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < vocabSize; i++) most = Math.max(most, data[start + i]!);
      let sum = 0;
      for (let i = 0; i < vocabSize; i++) sum += Math.exp(data[start + i]! - most);
      const normalizer = most + Math.log(sum);
      for (const [k, id] of tokens.entries()) {
        result.data[index * tokens.length + k] = data[start + id]! - normalizer;
      }
    }
  });
  return result;
};
