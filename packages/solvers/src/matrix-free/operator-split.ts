import { type LinearOperator, type NDArray, sameShape } from '@ntk-lens/core';
import { KernelShapeError } from '../errors.js';
import type { TrainShape } from '../kernel/split.js';

/** A split whose kernel is known by its products alone. */
export interface OperatorSplit {
  /** K(query, train), `[M·C, N·C]` over flattened (example, logit) rows; symmetric for the training examples. */
  readonly kernel: LinearOperator;
  /** f(·; θ₀), float64 `[query, C]`. */
  readonly logits: NDArray<'float64'>;
  /** Label indices, int32 `[query]`. */
  readonly labels: NDArray<'int32'>;
}

/**
 * Checks that the parts of a split belong together.
 *
 * @param train sizes of the training set. Default: the split is the training set
 * @throws KernelShapeError
 */
export const checkOperatorSplit = (split: OperatorSplit, train?: TrainShape): TrainShape => {
  const { kernel, logits, labels } = split;
  const [examples = 0, outputs = 0] = logits.shape;
  const shape = train ?? { examples, logits: outputs };
  const expected = [examples * outputs, shape.examples * shape.logits];
  if (!sameShape(kernel.shape, expected) || outputs !== shape.logits)
    throw new KernelShapeError(
      'kernel operator',
      kernel.shape,
      `[${expected.join(', ')}], [query · logit, train · logit]`,
    );
  if (!sameShape(labels.shape, [examples]))
    throw new KernelShapeError('labels', labels.shape, `[${examples}], one label per example`);
  return shape;
};
