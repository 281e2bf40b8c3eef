import { join, resolve } from 'node:path';
import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import type { MetricName } from '@ntk-lens/tasks';
import { hasOwnLabels } from '../../data/own-task.js';
import { withoutSources } from '../../options/run-config.js';
import { version } from '../../version.js';
import { knownRuntime } from '../known-runtime.js';
import { openConfigured } from '../model/open-configured.js';
import { RunDirectory, type RunIdentity } from '../store/run-directory.js';
import { writeJson } from '../store/write-json.js';
import { loadSamples, type PreparedSamples } from './load-samples.js';
import type { FineTuneConfig } from './resolve-fine-tune.js';
import { trainingStart } from './training-start.js';
import { type OpenTuned, type TunedSample, tuneSample } from './tune-sample.js';

export interface FineTuneExperimentOptions extends LongTaskOptions {
  /** Default: `runs/…`, named after the experiment. */
  readonly out?: string;
  /** Folder in which `runs/…` is made; default: the working directory. */
  readonly runs?: string;
  /** Replace another training in that directory. */
  readonly force?: boolean;
  /** Called with each sample's tuned model while it is open. */
  readonly onTuned?: (tuned: OpenTuned) => Promise<void>;
}

/** What `ntk-lens finetune` found; written to `metrics.json`. */
export interface FineTuneExperiment {
  readonly format: 'ntk-lens-finetune';
  readonly version: 1;
  readonly directory: string;
  readonly config: FineTuneConfig;
  readonly task: {
    readonly name: string;
    readonly labels: readonly string[];
    readonly labelWords: readonly string[];
    readonly metrics: readonly [MetricName, ...MetricName[]];
  };
  readonly model: { readonly name: string; readonly hash: string };
  /** The parameter space, with all its options. */
  readonly space: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly samples: readonly TunedSample[];
  readonly seconds: number;
}

const defaultDirectory = ({ run, training }: FineTuneConfig, model: string): string => {
  const seeds = run.seeds.length > 3 ? `s${run.seeds.length}` : run.seeds.join('+');
  const parts = [
    run.task,
    `${run.shots.join('+')}shot`,
    `seed${seeds}`,
    'finetune',
    training.space,
    training.optimizer,
    ...(training.standard ? ['standard', training.standard] : []),
    model,
  ];
  return join('runs', parts.join('-').replace(/[^\w.+-]+/g, '_'));
};

/** What samples, rates and batch sizes of one experiment share; more of these can be added to a directory. */
const identityOf = (
  { run, training }: FineTuneConfig,
  { task, labelWords }: PreparedSamples,
  space: string,
  modelHash: string,
): RunIdentity => {
  const { learningRates: _, batchSizes: __, trajectory: ___, ...settings } = training;
  const prompt = training.standard ? {} : { template: run.template ?? task.template, labelWords };
  const labels = { labels: task.labels, ...(hasOwnLabels(run) && { labelsFrom: 'mapping' }) };
  return {
    kernel: { kind: 'finetune', task: task.name, ...labels, ...prompt, ...settings, space, modelHash },
    sources: run.sources,
  };
};

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
 *   LabelOrderError;
 *   DivergedError; CancelledError
 */
export const fineTuneExperiment = async (
  config: FineTuneConfig,
  options: FineTuneExperimentOptions = {},
): Promise<FineTuneExperiment> => {
  const start = performance.now();
  const { run, training } = config;
  const { signal, onProgress, force = false } = options;
  const long: LongTaskOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const runtimeName = await knownRuntime(run.runtime);
  const { learningRateAt, parseSpace } = await import('@ntk-lens/subspace');
  const space = parseSpace(training.space);
  const schedule = { decay: training.schedule, warmUpSteps: training.warmUpSteps };
  learningRateAt(schedule, training.learningRates[0]!, 1, training.steps);
  const opened = await openConfigured(run, long);
  const prepared = await loadSamples(config, opened, long);
  const { task, labelWordIds, labelWords } = prepared;
  const path = resolve(options.out ?? join(options.runs ?? '', defaultDirectory(config, opened.name)));
  const { loadModel, withReadCache } = await import('@ntk-lens/models');
  const { createRuntime } = await import('@ntk-lens/engine');
  const base = withReadCache(await loadModel(opened.directory));
  try {
    // Every refusal comes before the first byte is written.
    await trainingStart({ base, settings: training, sample: prepared.samples[0]!, task });
    const identity = identityOf(config, prepared, space.spec, await base.hash());
    await RunDirectory.open(path, identity, force);
  } catch (error) {
    await base.close();
    throw error;
  }
  const runtime = await createRuntime({
    runtime: runtimeName,
    ...(run.threads !== undefined && { threads: run.threads }),
  });
  try {
    await writeJson(join(path, 'config.json'), { ...config, run: withoutSources(run) });
    const samples: TunedSample[] = [];
    for (const sample of prepared.samples) {
      throwIfCancelled(signal, 'Fine-tuning');
      const name = `${sample.shots}-${sample.seed}`;
      const own: LongTaskOptions = {
        ...(signal && { signal }),
        ...(onProgress && {
          onProgress: (event) =>
            onProgress(prepared.samples.length === 1 ? event : { ...event, phase: `${name} ${event.phase}` }),
        }),
      };
      const directory = prepared.samples.length === 1 ? path : join(path, name);
      const request = {
        ...{ base, baseDirectory: opened.directory, runtime, task, labelWordIds, sample },
        ...{ settings: training, directory: join(directory, 'training'), force },
        ...(options.onTuned && { onTuned: options.onTuned }),
      };
      samples.push(await tuneSample(request, own));
    }
    const { threads, version: runtimeVersion, runtime: used } = runtime.info;
    const experiment: FineTuneExperiment = {
      format: 'ntk-lens-finetune',
      version: 1,
      directory: path,
      config,
      task: { name: task.name, labels: task.labels, labelWords, metrics: task.metrics },
      model: { name: opened.name, hash: await base.hash() },
      space: space.spec,
      environment: {
        'ntk-lens': version,
        node: process.version,
        runtime: `${used} ${runtimeVersion}, ${threads} threads`,
      },
      samples,
      seconds: (performance.now() - start) / 1000,
    };
    await writeJson(join(path, 'metrics.json'), experiment);
    return experiment;
  } finally {
    await runtime.close();
    await base.close();
  }
};
