import { type LongTaskOptions, ndarray, zeros } from '@ntk-lens/core';
import { classifierModel, encoderStates, type LanguageModel } from '@ntk-lens/models';
import { fitLinearProbe, type LinearProbe } from '@ntk-lens/solvers';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';

/** The head of a no-prompt network: logistic regression on the frozen last hidden states that the head will read. */
export const fitProbe = async (
  { model, shared, memory }: Pick<Session, 'model' | 'shared' | 'memory'>,
  { spec, examples, labels }: LensTask,
  long: LongTaskOptions,
): Promise<LinearProbe> => {
  const { train } = examples;
  const states = await encoderStates({
    ...{ model, runtime: await shared.open(), memory, examples: train, pooling: 'readout' },
    ...long,
  });
  const targets = ndarray<'int32'>(Int32Array.from(labels.train), [train.length]);
  return fitLinearProbe(states, targets, { classes: spec.labels.length, ...long });
};

/** The network before its head is fitted: the same shapes, for checks and plans. */
export const unfittedClassifier = (model: LanguageModel, classes: number): LanguageModel =>
  classifierModel(model, {
    weights: zeros('float64', [classes, model.config.hiddenSize]),
    bias: zeros('float64', [classes]),
  });
