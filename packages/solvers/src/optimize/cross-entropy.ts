/**
 * Classification likelihood of n examples with `width` outputs each: one output is the log-odds of class 1, several
 * are logits of a softmax.
 */
export interface Likelihood {
  readonly width: number;
  /** Class index per example. */
  readonly classes: Int32Array;
}

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};

/** Probabilities `[n, width]` of outputs f; with one output, of class 1. */
export const probabilities = (f: Float64Array, width: number): Float64Array => {
  if (width === 1) return f.map(sigmoid);
  const p = new Float64Array(f.length);
  for (let i = 0; i < f.length; i += width) {
    let highest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < width; c++) highest = Math.max(highest, f[i + c]!);
    let total = 0;
    for (let c = 0; c < width; c++) total += p[i + c] = Math.exp(f[i + c]! - highest);
    for (let c = 0; c < width; c++) p[i + c]! /= total;
  }
  return p;
};

/** Summed cross-entropy of outputs f. */
export const crossEntropy = (f: Float64Array, { width, classes }: Likelihood): number => {
  let loss = 0;
  for (const [i, label] of classes.entries()) {
    if (width === 1) {
      loss += softplus(label === 1 ? -f[i]! : f[i]!);
      continue;
    }
    let highest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < width; c++) highest = Math.max(highest, f[i * width + c]!);
    let total = 0;
    for (let c = 0; c < width; c++) total += Math.exp(f[i * width + c]! - highest);
    loss += highest + Math.log(total) - f[i * width + label]!;
  }
  return loss;
};

/** −χ = y − p: the negative output derivative of the cross-entropy (docs/theory.md, Output derivatives). */
export const residuals = (p: Float64Array, { width, classes }: Likelihood): Float64Array => {
  const r = p.map((value) => -value);
  for (const [i, label] of classes.entries()) {
    if (width === 1) r[i]! += label;
    else r[i * width + label]! += 1;
  }
  return r;
};
