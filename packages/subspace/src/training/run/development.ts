import { type EncodedExample, type NDArray, toFloat64 } from '@ntk-lens/core';
import type { LossName } from '@ntk-lens/kernels';
import { lossOf, targetsOf } from '@ntk-lens/kernels';
import { DevelopmentSetError } from '../errors.js';

/** Examples with label indices, or numbers for regression. */
export interface LabelledExamples {
  readonly examples: readonly EncodedExample[];
  readonly labels: readonly number[];
}

/** Quality of predictions; larger is better. */
export type Metric = (predicted: readonly number[], gold: readonly number[]) => number;

/** The share of examples whose largest logit is that of their label. */
export const fractionRight: Metric = (predicted, gold) =>
  predicted.filter((label, i) => label === gold[i]).length / gold.length;

/**
 * Whether a development set can choose anything.
 *
 * @throws DevelopmentSetError if it is empty, or all labels are the same
 */
export const checkDevelopmentSet = ({ examples, labels }: LabelledExamples): void => {
  if (examples.length === 0) throw new DevelopmentSetError('no examples');
  if (labels.length !== examples.length)
    throw new DevelopmentSetError(`${labels.length} labels for ${examples.length} examples`);
  const classes = new Set(labels);
  if (classes.size === 1)
    throw new DevelopmentSetError(`${examples.length} examples, all of label ${[...classes][0]}`);
};

/** Predicted label indices, or numbers of the range for regression. */
export const predictions = (logits: NDArray, range?: readonly [number, number]): number[] => {
  const [n, count] = logits.shape as [number, number];
  return Array.from({ length: n }, (_, i) => {
    const row = [...logits.data.subarray(i * count, (i + 1) * count)];
    if (!range) return row.indexOf(Math.max(...row));
    return range[0] + (range[1] - range[0]) / (1 + Math.exp(row[0]! - row[1]!));
  });
};

export interface DevelopmentScore {
  readonly score: number;
  /** Mean loss. */
  readonly loss: number;
}

/** Score and loss of logits `[n, C]`. */
export const scoreOf = (
  logits: NDArray,
  labels: readonly number[],
  options: { readonly metric: Metric; readonly loss: LossName; readonly range?: readonly [number, number] },
): DevelopmentScore => {
  const targets = targetsOf(labels, logits.shape[1]!, options.range);
  const { loss } = lossOf(options.loss, toFloat64(logits), targets);
  return { score: options.metric(predictions(logits, options.range), labels), loss: loss / labels.length };
};
