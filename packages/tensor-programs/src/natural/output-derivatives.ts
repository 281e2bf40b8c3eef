import { BadArgumentError, type NDArray, ndarray } from '@ntk-lens/core';

export interface OutputDerivatives {
  /** χ = ∂ℓ/∂f, `[n, C]`; with one output (binary mode) `[n, 1]`. */
  readonly chi: NDArray<'float64'>;
  /** |χ| of each example: ½ Σ_c |χ_c| = 1 − p(label), from 0 to 1; with one output |χ|, the same number. */
  readonly sizes: Float64Array;
}

/**
 * Output derivatives of the cross-entropy (docs/theory.md, Output derivatives): χ_c = p_c − 1[c = y]; with one output f
 * and labels ±1, χ = −y / (1 + exp(y f)). A task is natural where they vanish as the pre-trained model gets wider.
 *
 * @example
 * ```ts
 * const { sizes } = outputDerivatives(await forwardLogits({ model, runtime, examples, labelWordIds }), labels);
 * const mean = sizes.reduce((sum, x) => sum + x, 0) / sizes.length; // 0.5: no better than a coin
 * ```
 * @param logits f(·; θ) `[n, C]`, or `[n, 1]` of logit₁ − logit₀
 * @param labels indices from 0
 * @throws BadArgumentError for labels that do not fit
 */
export const outputDerivatives = ({ data, shape }: NDArray, labels: ArrayLike<number>): OutputDerivatives => {
  const [n = 0, outputs = 0] = shape;
  if (labels.length !== n) throw new BadArgumentError('labels', labels.length, `${n}, one per example`);
  const classes = outputs === 1 ? 2 : outputs;
  const chi = new Float64Array(n * outputs);
  const sizes = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    if (!(Number.isInteger(label) && label >= 0 && label < classes))
      throw new BadArgumentError('label', label, `an index from 0 to ${classes - 1}`);
    const f = outputs === 1 ? [0, data[i]!] : [...data.subarray(i * outputs, (i + 1) * outputs)];
    const top = Math.max(...f);
    const mass = f.map((x) => Math.exp(x - top));
    const total = mass.reduce((sum, x) => sum + x, 0);
    // 1 − p(label) as the others' share: exact where the label's is nearly all.
    const rest = mass.reduce((sum, x, c) => (c === label ? sum : sum + x), 0) / total;
    sizes[i] = rest;
    if (outputs === 1) chi[i] = label === 1 ? -rest : rest;
    else for (const c of f.keys()) chi[i * outputs + c] = c === label ? -rest : mass[c]! / total;
  }
  return { chi: ndarray<'float64'>(chi, [n, outputs]), sizes };
};
