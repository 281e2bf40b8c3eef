import { type EncodedExample, type LongTaskOptions, ndarray, zeros } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { classifierModel, encoderStates, type LanguageModel } from '@ntk-lens/models';
import { fitLinearProbe, type LinearProbe } from '@ntk-lens/solvers';

/** What a linear-probe head is fitted to. */
export interface ProbeRequest {
  /** Label indices of the training examples. */
  readonly labels: readonly number[];
  readonly classes: number;
}

/** The head of a no-prompt network: logistic regression on the frozen last hidden states that the head will read. */
export const fitProbe = async (
  model: LanguageModel,
  runtime: Runtime,
  train: readonly EncodedExample[],
  { labels, classes }: ProbeRequest,
  options: LongTaskOptions,
): Promise<LinearProbe> => {
  const states = await encoderStates({ model, runtime, examples: train, pooling: 'readout', ...options });
  const targets = ndarray<'int32'>(Int32Array.from(labels), [labels.length]);
  return fitLinearProbe(states, targets, { classes, ...options });
};

/** The network before its head is fitted: the same shapes, for checks and plans. */
export const unfittedClassifier = (model: LanguageModel, classes: number): LanguageModel =>
  classifierModel(model, {
    weights: zeros('float64', [classes, model.config.hiddenSize]),
    bias: zeros('float64', [classes]),
  });
