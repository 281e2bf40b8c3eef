import { firstNonFinite, type KernelSplit, type NDArray, sameShape } from '@ntk-lens/core';
import {
  KernelRangeError,
  KernelShapeError,
  LabelsError,
  MismatchedSplitError,
  NonFiniteKernelError,
} from '../errors.js';
import { axisAdvice } from './axis-order.js';

/** Sizes of the training set that a solver was fitted to. */
export interface TrainShape {
  readonly examples: number;
  readonly logits: number;
}

const indexOf = (flat: number, shape: readonly number[]): number[] => {
  const index: number[] = [];
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
};

/** Throws {@link NonFiniteKernelError} with the index of the first NaN or infinity. */
export const assertFinite = (what: string, array: NDArray<'float64'>): void => {
  const at = firstNonFinite(array.data);
  if (at >= 0) throw new NonFiniteKernelError(what, indexOf(at, array.shape), array.data[at]!);
};

const limit = 1e100;

/** The largest |x|; NaN where one is. Four are compared at a time, since each comparison waits for the one before. */
const largestOf = (data: Float64Array): number => {
  let m0 = 0;
  let m1 = 0;
  let m2 = 0;
  let m3 = 0;
  const end = data.length - (data.length % 4);
  for (let i = 0; i < end; i += 4) {
    m0 = Math.max(m0, Math.abs(data[i]!));
    m1 = Math.max(m1, Math.abs(data[i + 1]!));
    m2 = Math.max(m2, Math.abs(data[i + 2]!));
    m3 = Math.max(m3, Math.abs(data[i + 3]!));
  }
  for (let i = end; i < data.length; i++) m0 = Math.max(m0, Math.abs(data[i]!));
  return Math.max(m0, m1, m2, m3);
};

/** A kernel of finite numbers whose squares do not overflow; that of training not (nearly) zero. */
const assertUsable = (what: string, array: NDArray<'float64'>, mayBeZero: boolean): void => {
  const largest = largestOf(array.data);
  if (!Number.isFinite(largest)) assertFinite(what, array);
  if (largest > limit || (!mayBeZero && largest < 1 / limit)) throw new KernelRangeError(what, largest);
};

const checkCompanions = (split: KernelSplit, queries: number, logits: number): void => {
  if (!sameShape(split.logits.shape, [queries, logits])) {
    const expected = `[${queries}, ${logits}], [query, logit]`;
    const advice = sameShape(split.logits.shape, [logits, queries]) ? 'Transpose them.' : undefined;
    throw new KernelShapeError('logits', split.logits.shape, expected, advice);
  }
  if (!sameShape(split.labels.shape, [queries])) {
    const oneHot = sameShape(split.labels.shape, [queries, logits]);
    const advice = oneHot ? 'Turn rows into indices by labels.argmax(1).' : undefined;
    throw new KernelShapeError('labels', split.labels.shape, `[${queries}], one label per example`, advice);
  }
  if (split.flipped && !sameShape(split.flipped.shape, split.kernel.shape)) {
    throw new KernelShapeError(
      'flipped kernel',
      split.flipped.shape,
      `[${split.kernel.shape.join(', ')}], as the kernel`,
    );
  }
};

/** Checks that a split can be trained on: a finite kernel `[N, C, N, C]` with logits and labels of N examples. */
export const checkTrainSplit = (split: KernelSplit): TrainShape => {
  const { shape } = split.kernel;
  const [examples = 0, logits = 0] = shape;
  const square = sameShape(shape, [examples, logits, examples, logits]) && examples * logits > 0;
  const [labels = 0] = split.labels.shape;
  const advice = axisAdvice(shape, labels, labels);
  if (!square || (labels !== examples && advice !== undefined)) {
    throw new KernelShapeError('train kernel', shape, 'a square kernel [N, C, N, C] with N, C ≥ 1', advice);
  }
  checkCompanions(split, examples, logits);
  assertUsable('train kernel', split.kernel, false);
  return { examples, logits };
};

/** Checks a split to predict on. */
export const checkQuerySplit = (split: KernelSplit, train: TrainShape): void => {
  const { shape } = split.kernel;
  if (!sameShape(shape, [train.examples, train.logits, shape[2]!, train.logits])) {
    const advice = axisAdvice(shape, train.examples, split.labels.shape[0] ?? 0);
    throw new MismatchedSplitError(shape, train.examples, train.logits, advice);
  }
  checkCompanions(split, shape[2]!, train.logits);
  assertUsable('kernel', split.kernel, true);
  if (split.flipped) assertUsable('flipped kernel', split.flipped, true);
};

/** Checks that labels are indices of the kernel's classes: 0 and 1 in binary mode (one logit), else below C. */
export const checkLabels = (labels: NDArray<'int32'>, logits: number): void => {
  const classes = Math.max(2, logits);
  const at = labels.data.findIndex((label) => label < 0 || label >= classes);
  if (at >= 0) {
    throw new LabelsError(`label ${labels.data[at]} of example ${at}`, `integers from 0 to ${classes - 1}`);
  }
};
