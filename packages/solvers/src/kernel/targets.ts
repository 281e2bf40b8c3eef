import { type KernelSplit, type NDArray, ndarray, sameShape } from '@ntk-lens/core';
import { KernelShapeError, OneClassError } from '../errors.js';
import { assertFinite, checkLabels, type TrainShape } from './split.js';

/** Throws {@link OneClassError} unless two classes are present. */
export const assertTwoClasses = (labels: NDArray<'int32'>): void => {
  const [first] = labels.data;
  if (first !== undefined && labels.data.every((label) => label === first)) {
    throw new OneClassError(first, labels.data.length);
  }
};

/**
 * Regression targets, flattened over (example, logit): the given ones, else ±1 for one logit (binary mode) and
 * one-hot for several.
 *
 * @param targets own targets `[N, C]`, for regression tasks
 */
export const targetVector = (
  split: Pick<KernelSplit, 'labels'>,
  { examples, logits }: TrainShape,
  targets?: NDArray<'float64'>,
): Float64Array => {
  if (targets) {
    if (!sameShape(targets.shape, [examples, logits])) {
      throw new KernelShapeError('targets', targets.shape, `[${examples}, ${logits}], [example, logit]`);
    }
    assertFinite('targets', targets);
    return Float64Array.from(targets.data);
  }
  checkLabels(split.labels, logits);
  assertTwoClasses(split.labels);
  const vector = new Float64Array(examples * logits);
  for (const [i, label] of split.labels.data.entries()) {
    if (logits === 1) vector[i] = 2 * label - 1;
    else vector[i * logits + label] = 1;
  }
  return vector;
};

/** f₀/s, flattened; zeros where the solver has no such option or f₀ is not used. */
export const f0Offset = (
  { logits }: Pick<KernelSplit, 'logits'>,
  { f0Scale = Number.POSITIVE_INFINITY }: { readonly f0Scale?: number },
): Float64Array => {
  if (f0Scale === Number.POSITIVE_INFINITY) return new Float64Array(logits.data.length);
  assertFinite('logits', logits);
  return logits.data.map((f0) => f0 / f0Scale);
};

/** Flat predictions as scores `[query, label]`: p of one logit is (−p, p). */
export const doubled = (flat: Float64Array, logits: number): NDArray<'float64'> => {
  if (logits > 1) return ndarray<'float64'>(flat, [flat.length / logits, logits]);
  const scores = Float64Array.from(
    { length: 2 * flat.length },
    (_, k) => (k % 2 === 0 ? -1 : 1) * flat[k >> 1]!,
  );
  return ndarray<'float64'>(scores, [flat.length, 2]);
};
