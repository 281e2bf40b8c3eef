import { BadArgumentError, withDefaults } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import { type NamedOptimizer, optimizerNamed, type ParameterSpace } from '@ntk-lens/subspace';
import { TaskNotPossibleError } from '../errors.js';
import { refuseTraining } from '../fine-tune/refuse-training.js';
import { type ResolvedTraining, resolveTraining } from '../fine-tune/resolve-training.js';
import { asSpace } from '../kernel/kernel-choice.js';
import type { KernelChoice } from '../kernel/kernel-options.js';
import type { LensTask } from '../task/lens-task.js';
import type { CheckOptions } from './check.js';
import {
  type CheckChoice,
  type CheckedOptimizer,
  checkedOptimizers,
  defaultCheck,
  defaultTrajectory,
} from './check-choice.js';
import { choiceOf, kernelsOf } from './kernel-scores.js';

/** Everything that a check is asked to do, as identities in files record it. */
export type CheckSettings = Required<CheckChoice> & {
  /** As it was written. */
  readonly space: string;
};

/** One optimizer of a check, and how it fine-tunes. */
export interface CheckedTraining {
  readonly name: CheckedOptimizer;
  readonly optimizer: NamedOptimizer;
  readonly training: ResolvedTraining;
}

/** A check with its space and its optimizers as values, and nothing left to a default. */
export interface ResolvedCheck {
  readonly settings: CheckSettings;
  readonly space: ParameterSpace;
  readonly trainings: readonly CheckedTraining[];
}

/**
 * Fills in the defaults of a check. Needs neither a model nor a task.
 *
 * @example
 * ```ts
 * resolveCheck({ optimizers: ['sgd'], steps: 20 }).settings.trajectory; // the steps that are looked at
 * ```
 * @throws BadArgumentError; UnknownSpaceError, SpaceSpecError
 */
export const resolveCheck = ({
  space = 'full',
  ...given
}: CheckChoice & { readonly space?: string | ParameterSpace } = {}): ResolvedCheck => {
  const steps = given.steps ?? defaultCheck.steps;
  const defaults: CheckSettings = {
    ...defaultCheck,
    space: typeof space === 'string' ? space : space.spec,
    trajectory: defaultTrajectory(steps),
  };
  const settings = withDefaults(defaults, given);
  const late = settings.trajectory.find((step) => !(Number.isInteger(step) && step >= 1 && step <= steps));
  if (late !== undefined) throw new BadArgumentError('trajectory', late, `steps from 1 to ${steps}`);
  for (const name of ['trajectory', 'optimizers'] as const)
    if (settings[name].length === 0) throw new BadArgumentError(name, 'an empty list', 'at least one entry');
  for (const name of ['earlySteps', 'probes'] as const)
    if (!(Number.isInteger(settings[name]) && settings[name] >= 1))
      throw new BadArgumentError(name, settings[name], 'a positive integer');
  const unchecked = settings.optimizers.find((name) => !checkedOptimizers.includes(name));
  if (unchecked !== undefined)
    throw new BadArgumentError('optimizers', unchecked, checkedOptimizers.join(', '));
  const { batchSizes, clipNorm, dropout, trajectory } = settings;
  const shared = { batchSizes, steps, clipNorm, dropout, trajectory };
  const trainings = settings.optimizers.map((name): CheckedTraining => {
    const training = resolveTraining({ optimizer: name, learningRates: settings[`${name}Rates`], ...shared });
    return { name, optimizer: optimizerNamed(name), training };
  });
  return { settings, space: asSpace(space), trainings };
};

/** The parts of a session that can refuse a check. */
export interface CheckedSession {
  readonly model: LanguageModel;
  readonly checkKernel: (task: LensTask, choice: KernelChoice) => Promise<void>;
}

/**
 * Refuses what `lens.check` would refuse, before any work.
 *
 * @param kernel the options that `lens.check` gets for kernels
 * @throws TaskNotPossibleError, DevelopmentSetError, BadArgumentError; what the space throws where it does
 * not fit the model
 *
 * @internal
 */
export const refuseCheck = async (
  lens: CheckedSession,
  tasks: readonly LensTask[],
  { space, trainings }: ResolvedCheck,
  kernel: CheckOptions['kernel'],
): Promise<void> => {
  const [task] = tasks;
  if (!task) throw new BadArgumentError('tasks', 'none', 'at least one sample of a task');
  const refuse = (found: string, advice: string): never => {
    throw new TaskNotPossibleError(task.spec.name, found, advice);
  };
  if (task.spec.kind === 'regression')
    refuse('its labels are scores, and the conditions are of classification', 'Choose a task with labels.');
  if (!tasks.every(({ prompt }) => prompt))
    refuse('it has no prompt, and the check measures the prompt', 'Open it without `prompt: false`.');
  for (const { training, optimizer } of trainings) {
    await refuseTraining(lens.model, tasks, space, training, '.');
    for (const task of tasks)
      for (const name of kernelsOf(optimizer, task))
        await lens.checkKernel(task, choiceOf(name, space, kernel));
  }
};
