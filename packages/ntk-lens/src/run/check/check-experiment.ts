import { join, resolve } from 'node:path';
import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import type { MetricName } from '@ntk-lens/tasks';
import { checkExpressibleIn, type Finding } from '@ntk-lens/tensor-programs';
import { withoutSources } from '../../options/run-config.js';
import { version } from '../../version.js';
import { TaskNotPossibleError } from '../errors.js';
import { loadSamples, type TrainingSample } from '../finetune/load-samples.js';
import { openConfigured } from '../model/open-configured.js';
import { shareModel } from '../model/share-model.js';
import { writeJson } from '../store/write-json.js';
import { checkDirectory } from './check-directory.js';
import { findingsOf } from './check-findings.js';
import { checkSample } from './check-sample.js';
import { trainingOf } from './check-settings.js';
import type { NaturalMeasurement, OptimizerMeasurement } from './measurements.js';
import type { CheckConfig } from './resolve-check.js';

export interface CheckOptions extends LongTaskOptions {
  /** Default: `runs/…`, named after the check. */
  readonly out?: string;
  /** Folder in which `runs/…` is made; default: the working directory. */
  readonly runs?: string;
  /** Replace other runs in that directory. */
  readonly force?: boolean;
}

/** What `ntk-lens check` found; written to `findings.json`. */
export interface CheckedExperiment {
  readonly format: 'ntk-lens-findings';
  readonly version: 1;
  readonly directory: string;
  readonly config: CheckConfig;
  readonly task: {
    readonly name: string;
    readonly template: string;
    readonly labels: readonly string[];
    readonly labelWords: readonly string[];
    readonly metrics: readonly [MetricName, ...MetricName[]];
  };
  readonly model: { readonly name: string; readonly hash: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
  readonly optimizers: readonly OptimizerMeasurement[];
  readonly natural: readonly NaturalMeasurement[];
  /** What a reader should know of the samples. */
  readonly remarks: readonly string[];
  /** Wall-clock seconds of this call. */
  readonly seconds: number;
}

/**
 * Does the kernel view hold? Fine-tunes on k-shot samples of a task, computes and solves kernels, and checks the
 * conditions of the paper with verdicts. Trainings, kernels and measurements are kept in the run directory: a check
 * that was interrupted goes on, and one that was finished is read.
 *
 * @example
 * ```ts
 * const config = await resolveCheck({ task: 'sentiment', seeds: [13, 21, 42] }, { optimizers: ['sgd'] });
 * const { findings } = await checkExperiment(config, { out: 'runs/check' });
 * findings.find(({ condition }) => condition === 'linearization')!.verdict;
 * ```
 * @throws NtkLensError of kind `input` for bad input; DivergedError; CancelledError
 */
export const checkExperiment = async (
  config: CheckConfig,
  options: CheckOptions = {},
): Promise<CheckedExperiment> => {
  const start = performance.now();
  const { run, check } = config;
  const { signal, onProgress, force = false } = options;
  const long: LongTaskOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const { parseSpace } = await import('@ntk-lens/subspace');
  const space = parseSpace(check.space);
  const opened = await openConfigured(run, long);
  const prompted = await loadSamples(
    { run, training: trainingOf(check, check.optimizers[0]!) },
    opened,
    long,
  );
  const { task, labelWordIds, labelWords } = prompted;
  if (task.kind === 'regression') {
    throw new TaskNotPossibleError(
      task.name,
      'its labels are scores, and the conditions are of classification',
      'Choose a task with labels.',
    );
  }
  const plain = await loadSamples(
    { run, training: { ...trainingOf(check, check.optimizers[0]!), standard: 'random' } },
    opened,
    long,
  );
  const { loadModel } = await import('@ntk-lens/models');
  const model = await loadModel(opened.directory);
  const shared = shareModel(opened);
  const path = resolve(options.out ?? join(options.runs ?? '', checkDirectory(config, opened.name)));
  try {
    const hash = await model.hash();
    await writeJson(join(path, 'config.json'), { ...config, run: withoutSources(config.run) });
    const optimizers: OptimizerMeasurement[] = [];
    const natural: NaturalMeasurement[] = [];
    for (const [s, sample] of prompted.samples.entries()) {
      throwIfCancelled(signal, 'The check');
      const samples = { sample, plain: plain.samples[s]!, labelWordIds };
      const measured = await checkSample({ config, path, hash, model, shared, ...samples, force }, long);
      optimizers.push(...measured.optimizers);
      natural.push(measured.natural);
    }
    const found = { optimizers, natural };
    const expressible = await checkExpressibleIn(model, space);
    const experiment: CheckedExperiment = {
      format: 'ntk-lens-findings',
      version: 1,
      directory: path,
      config,
      task: {
        name: task.name,
        template: task.template,
        labels: task.labels,
        labelWords,
        metrics: task.metrics,
      },
      model: { name: opened.name, hash },
      environment: { 'ntk-lens': version, node: process.version, runtime: run.runtime },
      findings: [...findingsOf({ ...found, metric: task.metrics[0], settings: check }), expressible.finding],
      ...found,
      remarks: prompted.samples.flatMap((sample) => missingLabels(sample, task.labels)),
      seconds: (performance.now() - start) / 1000,
    };
    await writeJson(join(path, 'findings.json'), experiment);
    return experiment;
  } finally {
    await shared.close();
    await model.close();
  }
};

/** A test set that is a part of a sorted file may lack labels, and its scores say little then. */
const missingLabels = ({ shots, seed, labels }: TrainingSample, names: readonly string[]): string[] => {
  const missing = names.filter((_, i) => !labels.test.includes(i));
  return missing.length === 0
    ? []
    : [
        `${shots}-${seed}: no test example is labelled ${missing.join(' or ')}; --limit-test takes the first of a file`,
      ];
};
