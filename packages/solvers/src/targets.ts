import { firstNonFinite, type KernelSplit, type NDArray, sameShape } from '@ntk-lens/core';
import { KernelShapeError, NonFiniteKernelError, OneClassError } from './errors.js';
import { checkLabels, type TrainShape } from './split.js';

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
  split: KernelSplit,
  { examples, logits }: TrainShape,
  targets?: NDArray<'float64'>,
): Float64Array => {
  if (targets) {
    if (!sameShape(targets.shape, [examples, logits])) {
      throw new KernelShapeError('targets', targets.shape, `[${examples}, ${logits}], [example, logit]`);
    }
    const at = firstNonFinite(targets.data);
    if (at >= 0) {
      throw new NonFiniteKernelError('targets', [Math.floor(at / logits), at % logits], targets.data[at]!);
    }
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
