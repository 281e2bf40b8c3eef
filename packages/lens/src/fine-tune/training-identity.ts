import { withoutUndefined } from '@ntk-lens/core';
import type { ParameterSpace } from '@ntk-lens/subspace';
import type { KernelIdentity } from '../kernel/kernel.js';
import { labelIdentity } from '../kernel/kernel-identity.js';
import type { LensTask } from '../task/lens-task.js';
import type { ResolvedTraining } from './resolve-training.js';

/**
 * The common settings of all trainings in one directory, as its manifest records them (docs/formats.md):
 * samples, learning rates and batch sizes can be added to it.
 *
 * @param modelHash once it is known
 *
 * @internal
 */
export const trainingIdentity = (
  task: LensTask,
  { spec }: ParameterSpace,
  { learningRates: _, batchSizes: __, trajectory: ___, optimizer, ...settings }: ResolvedTraining,
  modelHash?: string,
): KernelIdentity =>
  withoutUndefined({
    ...{ kind: 'finetune', task: task.spec.name },
    ...labelIdentity(task),
    template: task.prompt && task.spec.template,
    labelWords: task.prompt?.verbalizer.words.map(({ word }) => word),
    ...{ space: spec, optimizer: optimizer.name, ...settings, modelHash },
  });
