import type { NDArray } from '@ntk-lens/core';

/** χ of examples, and what follows from it. */
export interface OutputDerivatives {
  /** χ_c = p_c − 1[c = y] (PAPER §1), float64 `[n, C]`. */
  readonly chi: Float64Array;
  /** ½ Σ_c |χ_c| = 1 − p_y of every example: with two labels, |χ| of the logit difference. */
  readonly sizes: Float64Array;
  /** Whether the largest logit is the label's. */
  readonly right: readonly boolean[];
}

/**
 * Output derivatives of cross-entropy over label words.
 *
 * @example
 * ```ts
 * outputDerivatives(ndarray(Float64Array.of(0, 0), [1, 2]), [1]).sizes; // [0.5]
 * ```
 * @param logits `[n, C]`
 * @param targets label index of every example
 */
export const outputDerivatives = (logits: NDArray, targets: readonly number[]): OutputDerivatives => {
  const [n, count] = logits.shape as [number, number];
  const chi = new Float64Array(n * count);
  const sizes = new Float64Array(n);
  const right: boolean[] = [];
  for (let i = 0; i < n; i++) {
    const f = Array.from(logits.data.subarray(i * count, (i + 1) * count));
    const top = Math.max(...f);
    const weights = f.map((x) => Math.exp(x - top));
    const total = weights.reduce((sum, x) => sum + x, 0);
    for (const [c, weight] of weights.entries()) {
      const others = weights.reduce((sum, x, k) => (k === c ? sum : sum + x), 0);
      // 1 − p_y as the sum of the others: exact where p_y rounds to 1.
      chi[i * count + c] = c === targets[i] ? -others / total : weight / total;
      if (c === targets[i]) sizes[i] = others / total;
    }
    right.push(f[targets[i]!] === top);
  }
  return { chi, sizes, right };
};
