import { BadArgumentError, type NDArray } from '@ntk-lens/core';
import { labelCount, logSoftmaxRows } from '../label-matrix.js';

export interface CalibrateOptions {
  /**
   * `divide` (default): W = diag(p_cf)⁻¹, b = 0. `subtract`: W = I, b = −p_cf; the authors use it for tasks whose
   * label words are drawn from a large set.
   */
  readonly method?: 'divide' | 'subtract';
}

/**
 * Contextual calibration, q = W p + b with p = softmax over the labels (Zhao et al. 2021, eq. 1).
 *
 * @example
 * ```ts
 * const prior = contentFreePrior(logitsOfContentFreeInputs);
 * const calibrated = calibrate(logits, prior); // argmax over labels predicts; softmax gives probabilities
 * ```
 * @param scores logits or log-probabilities `[N, C]`
 * @param prior p_cf `[C]`, positive
 * @returns float64 `[N, C]`: for `divide` the calibrated log-probabilities, normalized over the labels; for
 *   `subtract` the differences p − p_cf
 * @throws BadArgumentError if shapes do not fit, a score is not finite, or the prior is not positive
 */
export const calibrate = (
  scores: NDArray,
  prior: NDArray,
  options: CalibrateOptions = {},
): NDArray<'float64'> => {
  const labels = labelCount('scores', scores);
  if (prior.data.length !== labels) {
    throw new BadArgumentError('prior', `${prior.data.length} labels`, `${labels}, as the scores have`);
  }
  const bad = prior.data.findIndex((p) => !(p > 0 && p <= 1));
  if (bad >= 0)
    throw new BadArgumentError(`prior of label ${bad}`, prior.data[bad], 'a probability in (0, 1]');
  const shape = [...scores.shape];
  const logs = logSoftmaxRows(scores, labels);
  if (options.method === 'subtract') {
    return { dtype: 'float64', shape, data: logs.map((log, i) => Math.exp(log) - prior.data[i % labels]!) };
  }
  const shifted = logs.map((log, i) => log - Math.log(prior.data[i % labels]!));
  return {
    dtype: 'float64',
    shape,
    data: logSoftmaxRows({ dtype: 'float64', shape, data: shifted }, labels),
  };
};
