import type { LongTaskOptions } from '@ntk-lens/core';
import { fineTuneTask } from '../fine-tune/fine-tune-task.js';
import { trainingIdentity } from '../fine-tune/training-identity.js';
import { named } from '../named.js';
import { type Disk, diskOf } from '../session/disk.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import { loadTask } from '../task/load-task.js';
import type { CheckOptions, KernelScore, NaturalMeasurement, OptimizerMeasurement } from './check.js';
import { sampleIdentity, trainingMeasured } from './check-identity.js';
import { kernelsOf, scoreKernel } from './kernel-scores.js';
import { measureNatural } from './measure-natural.js';
import { type MeasurePart, measureOptimizer } from './measure-optimizer.js';
import type { CheckedTraining, ResolvedCheck } from './resolve-check.js';

/** One k-shot sample of a check. */
export interface SampleRequest {
  readonly session: Session;
  readonly task: LensTask;
  readonly check: ResolvedCheck;
  readonly options: CheckOptions;
  /** Folder of this sample. */
  readonly folder: string;
}

/** Everything that is measured on one sample; what an earlier check left is read. */
export const checkSample = async (
  request: SampleRequest,
  long: LongTaskOptions,
): Promise<{
  readonly optimizers: readonly OptimizerMeasurement[];
  readonly natural: NaturalMeasurement;
}> => {
  const { session, task, check, folder } = request;
  const disk = diskOf(session);
  await disk.removeUnfinished(folder, `${folder}/parts`);
  // The same sample without its prompt.
  const plain = await loadTask({ ...task, prompt: undefined }, session);
  const identity = await sampleIdentity(session, task, plain);
  const kernels = new Map<string, KernelScore>();
  const optimizers: OptimizerMeasurement[] = [];
  for (const training of check.trainings)
    optimizers.push(
      await checkTraining(request, disk, training, identity, kernels, named(training.name, long)),
    );
  const natural = await disk.measured(`${folder}/measured-chi.json`, identity, () =>
    measureNatural(session, task, plain, named('χ', long)),
  );
  return { optimizers, natural };
};

const checkTraining = async (
  { session, task, check, options, folder }: SampleRequest,
  disk: Disk,
  checked: CheckedTraining,
  common: Readonly<Record<string, unknown>>,
  /** Those of the sample that are solved; optimizers can share them. */
  known: Map<string, KernelScore>,
  long: LongTaskOptions,
): Promise<OptimizerMeasurement> => {
  const { name, optimizer, training } = checked;
  const { space, settings } = check;
  const { replace = false } = options;
  const identity = trainingMeasured(common, task, checked, settings, options);
  return disk.measured(`${folder}/measured-${name}.json`, identity, async () => {
    const kernels: KernelScore[] = [];
    for (const formula of kernelsOf(optimizer, task)) {
      const directory = `${folder}/kernel-${formula}`;
      const score =
        known.get(formula) ??
        (await scoreKernel(session, task, formula, { ...options, space, directory, ...long }));
      known.set(formula, score);
      kernels.push(score);
    }
    const path = `${folder}/finetune-${name}`;
    const own = trainingIdentity(task, space, training, await session.model.hash());
    const start = performance.now();
    await disk.openRun(path, own, replace);
    const tuned = await fineTuneTask(session, task, {
      ...{ ...training, optimizer: name, space, directory: `${path}/training`, replace },
      ...long,
    });
    const part: MeasurePart = (what, measure) =>
      disk.measured(`${folder}/parts/${name}-${what}.json`, { ...identity, what }, measure);
    const found = await measureOptimizer(session, tuned, checked, settings, part, long);
    const seconds = (performance.now() - start) / 1000;
    await options.onTuned?.({ optimizer: name, tuned, directory: path, seconds });
    return { ...found, kernels };
  });
};
