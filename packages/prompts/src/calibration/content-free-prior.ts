import type { NDArray } from '@ntk-lens/core';
import { BadArgumentError } from '@ntk-lens/core';
import { labelCount, logSoftmaxRows } from '../label-matrix.js';

export interface ContentFreePriorOptions {
  /**
   * `labels` (default): each input's probabilities are normalized over the labels, then averaged. Logits do.
   * `vocabulary`: probabilities over the vocabulary are averaged, then normalized, as the authors' program does;
   * the scores must then be log-probabilities.
   */
  readonly normalize?: 'labels' | 'vocabulary';
}

/**
 * The label probabilities that a prompt gives to content-free inputs: p_cf of Zhao et al. 2021.
 *
 * @param scores logits (or log-probabilities) of the content-free inputs `[K, C]`, K ≥ 1
 * @returns float64 `[C]`, sums to 1
 * @throws BadArgumentError if there is no input, a score is not finite, or a probability vanishes
 */
export const contentFreePrior = (
  scores: NDArray,
  options: ContentFreePriorOptions = {},
): NDArray<'float64'> => {
  const labels = labelCount('scores', scores);
  const inputs = scores.shape[0]!;
  if (inputs === 0) throw new BadArgumentError('scores', 'no content-free input', 'at least one');
  const logs =
    options.normalize === 'vocabulary' ? Float64Array.from(scores.data) : logSoftmaxRows(scores, labels);
  const most = logs.reduce((a, b) => Math.max(a, b));
  const data = new Float64Array(labels);
  for (const [i, log] of logs.entries()) data[i % labels]! += Math.exp(log - most);
  const sum = data.reduce((a, b) => a + b, 0);
  for (let c = 0; c < labels; c++) data[c]! /= sum;
  const zero = data.indexOf(0);
  if (zero >= 0) throw new BadArgumentError(`prior of label ${zero}`, 0, 'a positive probability');
  return { dtype: 'float64', shape: [labels], data };
};
