import { sha256 } from '@ntk-lens/core';
import type { Session } from '../session/session.js';
import { defaultGrids } from '../solve/solve-kernel.js';
import type { LensTask } from '../task/lens-task.js';
import type { CheckOptions } from './check.js';
import type { CheckedTraining, CheckSettings } from './resolve-check.js';

type Identity = Readonly<Record<string, unknown>>;

/** Everything that measurements at θ₀ depend on. Its JSON text is hashed, so the order of fields counts. */
export const sampleIdentity = async (
  { model, shared }: Pick<Session, 'model' | 'shared'>,
  task: LensTask,
  plain: LensTask,
): Promise<Identity> => ({
  model: await model.hash(),
  labelWordIds: task.labelWordIds,
  ...{ runtime: shared.name, threads: shared.threads },
  data: sha256()
    .update(JSON.stringify([task, plain].map(dataOf)))
    .hex(),
});

const dataOf = ({ shots, seed, examples: { train, dev, test }, labels }: LensTask): Identity => ({
  ...{ shots, seed, examples: { train, dev, test } },
  labels: { train: labels.train, dev: labels.dev, test: labels.test },
});

/** Everything that measurements of one training depend on. */
export const trainingMeasured = (
  sample: Identity,
  { asked: { labelRule, demonstrations } }: LensTask,
  { optimizer, training }: CheckedTraining,
  settings: CheckSettings,
  { kernel: { tied = false, keepNoise = false, parameters } = {}, solve = {} }: CheckOptions,
): Identity => {
  const { solver, ridge, f0Scales } = { ...defaultGrids, ...solve };
  return {
    ...sample,
    training: { space: settings.space, ...training, optimizer: optimizer.name },
    check: { ...settings, optimizers: null },
    solve: { solver, ridge, f0Scales, tied, keepNoise, parameters },
    prompting: { labelRule, demonstrations },
  };
};
