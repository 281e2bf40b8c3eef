import { BadArgumentError, type NDArray } from '@ntk-lens/core';

/**
 * The loss of a training, the mean over a batch of
 * - `cross-entropy`: −Σ_c t_c log softmax(f)_c over the label words' logits (LM-BFF). With two labels this is
 *   the
 *   logistic loss of f₁ − f₀;
 * - `squared`: ½ Σ_c (f_c − t_c)², what kernel regression minimizes.
 */
export type LossName = 'cross-entropy' | 'squared';

export interface LossAndCotangent {
  /** Sum over the examples. */
  readonly loss: number;
  /** χ = ∂ℓ/∂f of every example, float64 `[n, C]`. */
  readonly cotangent: Float64Array;
}

/**
 * Loss of a batch and its output derivatives χ (docs/theory.md, Output derivatives), in float64.
 *
 * @param logits `[n, C]`
 * @param targets `[n, C]`: one-hot, or a distribution over the labels
 */
export const lossOf = (name: LossName, logits: NDArray, targets: Float64Array): LossAndCotangent => {
  const [n, count] = logits.shape as [number, number];
  const cotangent = new Float64Array(n * count);
  let loss = 0;
  for (let i = 0; i < n; i++) {
    const f = Float64Array.from(logits.data.subarray(i * count, (i + 1) * count));
    const t = targets.subarray(i * count, (i + 1) * count);
    if (name === 'squared') {
      for (let c = 0; c < count; c++) {
        const chi = f[c]! - t[c]!;
        cotangent[i * count + c] = chi;
        loss += (chi * chi) / 2;
      }
      continue;
    }
    const top = Math.max(...f);
    const logSum = top + Math.log(f.reduce((sum, x) => sum + Math.exp(x - top), 0));
    const mass = t.reduce((sum, x) => sum + x, 0);
    for (let c = 0; c < count; c++) {
      const logP = f[c]! - logSum;
      cotangent[i * count + c] = mass * Math.exp(logP) - t[c]!;
      if (t[c] !== 0) loss -= t[c]! * logP;
    }
  }
  return { loss, cotangent };
};

/**
 * Targets `[n, C]` of labels: one-hot for label indices. With `range`, labels are numbers in it and become a
 * distribution over two labels, as LM-BFF does for regression: (1 − u, u) with u the place in the range.
 *
 * @throws BadArgumentError for a label outside
 */
export const targetsOf = (
  labels: readonly number[],
  count: number,
  range?: readonly [number, number],
): Float64Array => {
  const targets = new Float64Array(labels.length * count);
  for (const [i, label] of labels.entries()) {
    if (range) {
      const place = (label - range[0]) / (range[1] - range[0]);
      if (count !== 2) throw new BadArgumentError('labels', count, '2 label words for regression');
      if (!(place >= 0 && place <= 1))
        throw new BadArgumentError('label', label, `a number from ${range[0]} to ${range[1]}`);
      targets[2 * i] = 1 - place;
      targets[2 * i + 1] = place;
      continue;
    }
    if (!(Number.isInteger(label) && label >= 0 && label < count))
      throw new BadArgumentError('label', label, `an index from 0 to ${count - 1}`);
    targets[i * count + label] = 1;
  }
  return targets;
};
