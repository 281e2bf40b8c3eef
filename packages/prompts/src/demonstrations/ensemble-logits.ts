import { BadArgumentError, type NDArray, sameShape } from '@ntk-lens/core';
import { labelCount, logSoftmaxRows } from '../label-matrix.js';

export interface EnsembleOptions {
  /**
   * `logits` (default, as LM-BFF): the mean of the logits, a geometric mean of the probabilities.
   * `probabilities`: the mean of the softmax over labels, returned as its logarithm; less led by one confident context.
   */
  readonly average?: 'logits' | 'probabilities';
}

/**
 * Averages the logits of the same examples over demonstration contexts (or over templates).
 *
 * @example
 * ```ts
 * const logits = ensembleLogits(perSample); // perSample[s]: logits [N, C] under context s
 * ```
 * @param samples arrays `[N, C]`, at least one
 * @returns float64 `[N, C]`
 * @throws BadArgumentError if there is none, shapes differ, or a value is not finite
 */
export const ensembleLogits = (
  samples: readonly NDArray[],
  options: EnsembleOptions = {},
): NDArray<'float64'> => {
  const [first] = samples;
  if (first === undefined) throw new BadArgumentError('samples', 'none', 'at least one');
  const labels = labelCount('samples[0]', first);
  const probabilities = options.average === 'probabilities';
  const data = new Float64Array(first.data.length);
  for (const [s, sample] of samples.entries()) {
    labelCount(`samples[${s}]`, sample);
    if (!sameShape(sample.shape, first.shape)) {
      throw new BadArgumentError(`samples[${s}]`, `shape [${sample.shape}]`, `[${first.shape}]`);
    }
    const values = probabilities ? logSoftmaxRows(sample, labels).map(Math.exp) : sample.data;
    for (let i = 0; i < data.length; i++) data[i]! += values[i]! / samples.length;
  }
  return { dtype: 'float64', shape: [...first.shape], data: probabilities ? data.map(Math.log) : data };
};
