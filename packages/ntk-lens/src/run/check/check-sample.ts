import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { LongTaskOptions } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import type { RunConfig } from '../../options/run-config.js';
import { fineTuneExperiment } from '../finetune/fine-tune-experiment.js';
import type { TrainingSample } from '../finetune/load-samples.js';
import { knownRuntime } from '../known-runtime.js';
import type { SharedModel } from '../model/share-model.js';
import { trainingOf } from './check-settings.js';
import type { CheckedOptimizer } from './checked-optimizers.js';
import { kernelScore, kernelsOf } from './kernel-scores.js';
import { measureNatural } from './measure-natural.js';
import { type MeasurePart, measureOptimizer } from './measure-optimizer.js';
import type { KernelScore, NaturalMeasurement, OptimizerMeasurement } from './measurements.js';
import type { CheckConfig } from './resolve-check.js';
import { storedMeasurement } from './stored-measurement.js';

export interface SampleCheck {
  readonly config: CheckConfig;
  /** Directory of the check; this sample has a folder of its own in it. */
  readonly path: string;
  readonly model: LanguageModel;
  /** Of `model`. */
  readonly hash: string;
  /** The same model for the experiments that load it themselves. */
  readonly shared: SharedModel;
  readonly labelWordIds: readonly number[];
  readonly sample: TrainingSample;
  /** The same sample without its prompt. */
  readonly plain: TrainingSample;
  /** Replace other runs. */
  readonly force: boolean;
}

/** Everything that is measured on one k-shot sample; what an earlier check left is read. */
export const checkSample = async (
  request: SampleCheck,
  long: LongTaskOptions,
): Promise<{
  readonly optimizers: readonly OptimizerMeasurement[];
  readonly natural: NaturalMeasurement;
}> => {
  const { config, path, hash, sample, plain, labelWordIds } = request;
  const { run, check } = config;
  const name = `${sample.shots}-${sample.seed}`;
  const folder = join(path, name);
  const common = { model: hash, labelWordIds, runtime: run.runtime, threads: run.threads };
  const identity = { ...common, data: hashOf([sample, plain]) };
  const scores = new Map<string, Promise<KernelScore>>();
  const optimizers: OptimizerMeasurement[] = [];
  for (const optimizer of check.optimizers)
    optimizers.push(await checkOptimizer(request, optimizer, folder, identity, scores, named(name, long)));
  const natural = await storedMeasurement(join(folder, 'measured-chi.json'), identity, () =>
    naturalOf(request, named(`${name} χ`, long)),
  );
  return { optimizers, natural };
};

const checkOptimizer = async (
  { config, labelWordIds, sample, shared, force }: SampleCheck,
  optimizer: CheckedOptimizer,
  folder: string,
  common: Readonly<Record<string, unknown>>,
  scores: Map<string, Promise<KernelScore>>,
  long: LongTaskOptions,
): Promise<OptimizerMeasurement> => {
  const { run, check } = config;
  const own = { ...run, shots: [sample.shots], seeds: [sample.seed] };
  const training = trainingOf(check, optimizer);
  const report = named(optimizer, long);
  const identity = {
    ...{ ...common, training, check: { ...check, optimizers: null } },
    ...{ solve: solveOf(run), prompting: promptingOf(run) },
  };
  const openModel = async () => shared.opened;
  return storedMeasurement(join(folder, `measured-${optimizer}.json`), identity, async () => {
    const kernels: KernelScore[] = [];
    for (const formula of kernelsOf(optimizer, labelWordIds.length)) {
      const options = { ...report, force, openModel };
      const score = scores.get(formula) ?? kernelScore(own, check.space, formula, folder, options);
      scores.set(formula, score);
      kernels.push(await score);
    }
    const part: MeasurePart = (what, measure) =>
      storedMeasurement(join(folder, 'parts', `${optimizer}-${what}.json`), { ...identity, what }, measure);
    let found: Omit<OptimizerMeasurement, 'kernels'> | undefined;
    await fineTuneExperiment(
      { run: own, training },
      {
        ...{ ...report, force, out: join(folder, `finetune-${optimizer}`) },
        onTuned: async (tuned) => {
          found = await measureOptimizer(tuned, optimizer, check, part, report);
        },
      },
    );
    return { ...found!, kernels };
  });
};

const naturalOf = async (
  { config: { run }, model, labelWordIds, sample, plain }: SampleCheck,
  long: LongTaskOptions,
): Promise<NaturalMeasurement> => {
  const { createRuntime } = await import('@ntk-lens/engine');
  const runtime = await createRuntime({
    runtime: await knownRuntime(run.runtime),
    ...(run.threads !== undefined && { threads: run.threads }),
  });
  try {
    return await measureNatural({ runtime, model, labelWordIds, sample, plain, ...long });
  } finally {
    await runtime.close();
  }
};

const hashOf = (samples: readonly TrainingSample[]): string =>
  createHash('sha256').update(JSON.stringify(samples)).digest('hex');

const solveOf = ({ solver, ridge, f0Scales, tied, keepNoise, parameters }: RunConfig) => ({
  ...{ solver, ridge, f0Scales, tied, keepNoise, parameters },
});

const promptingOf = ({ labelRule, demonstrations }: RunConfig) => ({ labelRule, demonstrations });

/** Progress that says what it belongs to. */
const named = (name: string, { signal, onProgress }: LongTaskOptions): LongTaskOptions => ({
  ...(signal && { signal }),
  ...(onProgress && {
    onProgress: (event) => onProgress({ ...event, phase: `${name} ${event.phase}` }),
  }),
});
