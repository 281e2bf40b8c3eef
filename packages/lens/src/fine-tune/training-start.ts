import type { LanguageModel } from '@ntk-lens/models';
import {
  type ClassifierHead,
  type ParameterSpace,
  randomHead,
  type SpaceModel,
  withClassifier,
} from '@ntk-lens/subspace';
import type { LensTask } from '../task/lens-task.js';

/** The classifier that a task without a prompt starts with, where it starts at random. */
export const randomStart = (model: LanguageModel, { spec, seed }: LensTask): ClassifierHead =>
  randomHead(model, spec.labels.length, seed);

/**
 * The model in its space, at the point where training starts.
 *
 * @param head head of a task without a prompt
 * @throws what the space throws where it does not fit the model
 */
export const trainingStart = (
  base: LanguageModel,
  { seed }: LensTask,
  space: ParameterSpace,
  head?: ClassifierHead,
): Promise<SpaceModel> => space.apply(head ? withClassifier(base, head) : base, { seed });

/** The classifier is new, so it trains whatever the space is. */
export const moves = (space: SpaceModel, parameter: string): boolean =>
  space.trainable.has(parameter) || parameter.startsWith('classifier.');
