import type { NDArray } from '@ntk-lens/core';

/**
 * Attention scores before the softmax: q·k / √(head size) of every head, query and token that is not padding.
 *
 * @param query `[n, Tq, d]`
 * @param key `[n, T, d]`
 * @param lengths tokens of each example
 */
export const attentionScores = (
  query: NDArray,
  key: NDArray,
  heads: number,
  lengths: readonly number[],
): Float64Array => {
  const [n, queries, d] = query.shape as [number, number, number];
  const tokens = key.shape[1]!;
  const size = d / heads;
  const scores: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let q = 0; q < (queries === 1 ? 1 : lengths[i]!); q++) {
      for (let t = 0; t < lengths[i]!; t++) {
        for (let h = 0; h < heads; h++) {
          const [a, b] = [(i * queries + q) * d + h * size, (i * tokens + t) * d + h * size];
          let sum = 0;
          for (let k = 0; k < size; k++) sum += query.data[a + k]! * key.data[b + k]!;
          scores.push(sum / Math.sqrt(size));
        }
      }
    }
  }
  return Float64Array.from(scores);
};
