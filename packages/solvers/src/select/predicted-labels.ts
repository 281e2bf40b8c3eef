import { type NDArray, ndarray } from '@ntk-lens/core';

/**
 * The label of the largest score of each row; the first one where several are equal.
 *
 * @param scores `[query, labels]`
 * @returns int32 `[query]`
 * @example
 * ```ts
 * const labels = predictedLabels(solver.predict(test));
 * ```
 */
export const predictedLabels = (scores: NDArray<'float64'>): NDArray<'int32'> => {
  const [queries = 0, labels = 0] = scores.shape;
  const out = new Int32Array(queries);
  for (let i = 0; i < queries; i++) {
    let best = 0;
    for (let c = 1; c < labels; c++) {
      if (scores.data[i * labels + c]! > scores.data[i * labels + best]!) best = c;
    }
    out[i] = best;
  }
  return ndarray<'int32'>(out, [queries]);
};
