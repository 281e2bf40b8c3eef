import { join } from 'node:path';
import { throwIfCancelled, writeJson } from '@ntk-lens/core';
import {
  type EarlyLens,
  type Lens,
  type LensTask,
  named,
  prepareTask,
  refuseTraining,
  resolveTraining,
  trainingIdentity,
} from '@ntk-lens/lens';
import { RunDirectory } from '@ntk-lens/lens/stored';
import { parseSpace } from '@ntk-lens/subspace';
import { withoutSources } from '../../options/run-config.js';
import { version } from '../../version.js';
import { inDirectory } from '../in-directory.js';
import { type DirectoryOptions, runDirectory } from '../run-directory.js';
import type { TaskWork } from '../several/over-tasks.js';
import { openSamples, type TaskRecord, taskOptions, taskRecord, withLens } from '../with-lens.js';
import { keepSample, knownSample } from './known-sample.js';
import type { FineTuneConfig } from './resolve-fine-tune.js';
import { type TunedSample, tunedSample } from './tuned-sample.js';

/** The result of `ntk-lens finetune`; written to `metrics.json`. */
export interface FineTuneExperiment {
  readonly format: 'ntk-lens-finetune';
  readonly version: 1;
  readonly directory: string;
  readonly config: FineTuneConfig;
  readonly task: Omit<TaskRecord, 'template'>;
  readonly model: { readonly name: string; readonly hash: string };
  /** The parameter space, with all its options. */
  readonly space: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly samples: readonly TunedSample[];
  readonly seconds: number;
}

/**
 * Fine-tunes a model on k-shot samples of a task, at every point of a grid; dev chooses the step and the point
 * (docs/theory.md, *Protocol*). An experiment that was interrupted goes on, to the same bytes.
 *
 * @example
 * ```ts
 * const config = await resolveFineTune({ task: 'sentiment' }, { space: 'lora:r=8', optimizer: 'adam' }, false);
 * const { samples } = await fineTuneExperiment(config);
 * samples[0].tuned.test.accuracy;
 * ```
 * @throws NtkLensError of kind `input` for bad input, OtherRunError for a directory of another run among it, RunVersionError,
 *   LabelOrderError; DirectoryInUseError for a directory in which another process works;
 *   DivergedError; CancelledError
 */
export const fineTuneExperiment = async (
  config: FineTuneConfig,
  options: DirectoryOptions = {},
): Promise<FineTuneExperiment> => {
  const start = performance.now();
  const { run } = config;
  const { signal, force: replace = false } = options;
  // All that can be refused is, before a model is looked for.
  const { space, settings, training } = readSettings(config);
  const prepare = (early: EarlyLens) => openFineTune(early, config, options);
  return inDirectory(options.out, options, () =>
    withLens(run, options, prepare, async (lens, { tasks, path }) => {
      return inDirectory(path, options.out === undefined ? options : {}, async () => {
        const identity = trainingIdentity(tasks[0]!, space, training, await lens.model.hash());
        const { sources, suggestion } = run;
        await RunDirectory.open(path, { kernel: identity, sources, suggestion }, replace);
        await writeJson(join(path, 'config.json'), { ...config, run: withoutSources(run) });
        const samples: TunedSample[] = [];
        for (const task of tasks) {
          throwIfCancelled(signal, 'Fine-tuning');
          const name = `${task.shots}-${task.seed}`;
          const single = tasks.length === 1;
          const directory = join(path, single ? '' : name, 'training');
          const long = named(single ? undefined : name, options);
          const known = replace ? undefined : await knownSample(path, name, training, directory);
          if (known) {
            samples.push(known);
            continue;
          }
          const tuned = await lens.fineTune(task, { ...settings, space, directory, replace, ...long });
          const sample = tunedSample(tuned, directory);
          await keepSample(path, name, training, sample);
          samples.push(sample);
        }
        const seconds = (performance.now() - start) / 1000;
        const experiment = await fineTuneRecord(lens, config, path, tasks[0]!, samples, seconds);
        await writeJson(join(path, 'metrics.json'), experiment);
        return experiment;
      });
    }),
  );
};

/** The work of `fineTuneExperiment` on each of several tasks. */
export const fineTuneWork = ({
  training,
}: Pick<FineTuneConfig, 'training'>): TaskWork<FineTuneExperiment> => ({
  check: (run) => void readSettings({ run, training }),
  refuse: (lens, run, options) => openFineTune(lens, { run, training }, options),
  directory: (run, model, options) => fineTuneDirectory({ run, training }, model, options),
  compute: (run, options) => fineTuneExperiment({ run, training }, options),
});

/**
 * The settings as values.
 *
 * @throws NtkLensError of kind `input` for what a configuration alone shows to be impossible
 */
const readSettings = ({ run, training: { space: asked, ...settings } }: FineTuneConfig) => {
  const given = { ...taskOptions(run), prompt: settings.standard === undefined };
  prepareTask(run.task, given);
  return { given, settings, space: parseSpace(asked), training: resolveTraining(settings) };
};

const fineTuneDirectory = (
  { run, training: { space, optimizer, standard } }: FineTuneConfig,
  model: string,
  options: DirectoryOptions,
): string => {
  const what = ['finetune', space, optimizer];
  return runDirectory(run, standard ? [...what, 'standard', standard] : what, model, options);
};

/** The samples and the directory, after everything was refused that can be. */
const openFineTune = async (early: EarlyLens, config: FineTuneConfig, options: DirectoryOptions) => {
  const { given, space, training } = readSettings(config);
  const { run } = config;
  const tasks = await openSamples(early, run, given, options);
  const named = { ...config, run: { ...run, task: tasks[0]!.spec.name } };
  const path = fineTuneDirectory(named, early.name, options);
  // Every refusal comes before the first byte is written.
  await refuseTraining(early.model, tasks, space, training, path);
  const identity = { kernel: trainingIdentity(tasks[0]!, space, training) };
  await RunDirectory.check(path, identity, options.force ?? false);
  return { tasks, path };
};

/** The content of `metrics.json`. */
export const fineTuneRecord = async (
  { name, model, runtime }: Lens,
  config: FineTuneConfig,
  directory: string,
  sample: LensTask,
  samples: readonly TunedSample[],
  seconds: number,
): Promise<FineTuneExperiment> => {
  const { info } = await runtime.open();
  const { template: _, ...task } = taskRecord(sample);
  return {
    format: 'ntk-lens-finetune',
    version: 1,
    ...{ directory, config, task },
    model: { name, hash: await model.hash() },
    space: parseSpace(config.training.space).spec,
    environment: {
      'ntk-lens': version,
      node: process.version,
      runtime: `${info.runtime} ${info.version}, ${info.threads} threads`,
    },
    ...{ samples, seconds },
  };
};
