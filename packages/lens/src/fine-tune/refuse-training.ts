import type { LanguageModel } from '@ntk-lens/models';
import { checkFineTuneOptions, type ParameterSpace } from '@ntk-lens/subspace';
import { TaskNotPossibleError } from '../errors.js';
import type { LensTask } from '../task/lens-task.js';
import { pointOptions } from './point-options.js';
import { pointsOf, type ResolvedTraining } from './resolve-training.js';
import { randomStart, trainingStart } from './training-start.js';

/**
 * Refuses what a training on samples of one task would refuse, before any work: `lens.fineTune` and
 * `lens.check` begin with it.
 *
 * @param directory directory of the trainings
 * @throws TaskNotPossibleError, DevelopmentSetError, BadArgumentError; what the space throws where it does
 * not fit the model
 *
 * @internal
 */
export const refuseTraining = async (
  model: LanguageModel,
  tasks: readonly LensTask[],
  space: ParameterSpace,
  training: ResolvedTraining,
  directory: string | undefined,
): Promise<void> => {
  for (const task of tasks) {
    refuseTask(task, training);
    for (const point of pointsOf(training))
      checkFineTuneOptions({ ...pointOptions(task, training, point), directory });
  }
  const [task] = tasks;
  if (task) await trainingStart(model, task, space, task.prompt ? undefined : randomStart(model, task));
};

const refuseTask = ({ spec, prompt, asked }: LensTask, { standard }: ResolvedTraining): void => {
  if (!prompt && spec.kind === 'regression')
    throw new TaskNotPossibleError(
      spec.name,
      'its labels are scores, and a classifier has labels',
      'Keep the prompt, whose two label words take scores.',
    );
  if (prompt && standard)
    throw new TaskNotPossibleError(
      spec.name,
      `it has a prompt, and \`standard\` (${standard}) is how a classifier starts without one`,
      'Open the task with `prompt: false`, or leave `standard` out.',
    );
  if (prompt && asked.labelRule === 'mean')
    throw new TaskNotPossibleError(
      spec.name,
      '`labelRule` mean is for zero-shot, and training needs one output per label',
      'Choose the rule single, first or joint.',
    );
};
