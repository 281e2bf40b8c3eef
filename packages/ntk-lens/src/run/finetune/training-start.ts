import { type LongTaskOptions, ndarray } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { encoderStates, type LanguageModel } from '@ntk-lens/models';
import {
  type ClassifierHead,
  parseSpace,
  randomHead,
  type SpaceModel,
  withClassifier,
} from '@ntk-lens/subspace';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { FineTuneSettings } from './fine-tune-settings.js';
import type { TrainingSample } from './load-samples.js';

export interface TrainingStartRequest {
  readonly base: LanguageModel;
  readonly task: Pick<TaskSpec, 'labels'>;
  readonly sample: TrainingSample;
  readonly settings: Pick<FineTuneSettings, 'space' | 'standard'>;
  /** What computes the features of a linear probe; without it the head is random, for checks. */
  readonly runtime?: Runtime;
}

/**
 * The model in its space, at the point where training starts.
 *
 * @throws what the space throws where it does not fit the model
 */
export const trainingStart = async (
  request: TrainingStartRequest,
  options: LongTaskOptions = {},
): Promise<SpaceModel> => {
  const { base, settings, sample } = request;
  const space = parseSpace(settings.space);
  const { seed } = sample;
  if (!settings.standard) return space.apply(base, { seed });
  return space.apply(withClassifier(base, await headOf(request, options)), { seed });
};

const headOf = async (
  { base, settings, sample, runtime, task }: TrainingStartRequest,
  options: LongTaskOptions,
): Promise<ClassifierHead> => {
  const classes = task.labels.length;
  if (settings.standard === 'random' || !runtime) return randomHead(base, classes, sample.seed);
  const { fitLinearProbe } = await import('@ntk-lens/solvers');
  const { train } = sample.examples;
  const request = { model: base, runtime, examples: train, pooling: 'readout' } as const;
  const features = await encoderStates({ ...request, ...options });
  const labels = ndarray<'int32'>(Int32Array.from(sample.labels.train), [train.length]);
  return fitLinearProbe(features, labels, { classes, ...options });
};
