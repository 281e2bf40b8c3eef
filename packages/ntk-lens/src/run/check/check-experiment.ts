import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import type { MetricName } from '@ntk-lens/tasks';
import { checkExpressible, type Finding } from '@ntk-lens/tensor-programs';
import { version } from '../../version.js';
import { TaskNotPossibleError } from '../errors.js';
import { fineTuneExperiment } from '../finetune/fine-tune-experiment.js';
import { defaultFineTuneSettings } from '../finetune/fine-tune-settings.js';
import { loadSamples, type TrainingSample } from '../finetune/load-samples.js';
import type { FineTuneConfig } from '../finetune/resolve-fine-tune.js';
import { knownRuntime } from '../known-runtime.js';
import { openModel } from '../model/open-model.js';
import { writeJson } from '../store/write-atomic.js';
import { checkDirectory } from './check-directory.js';
import { findingsOf } from './check-findings.js';
import type { CheckedOptimizer } from './check-settings.js';
import { kernelScore, kernelsOf } from './kernel-scores.js';
import { measureNatural } from './measure-natural.js';
import { type MeasurePart, measureOptimizer } from './measure-optimizer.js';
import type { KernelScore, NaturalMeasurement, OptimizerMeasurement } from './measurements.js';
import type { CheckConfig } from './resolve-check.js';
import { storedMeasurement } from './stored-measurement.js';

export interface CheckOptions extends LongTaskOptions {
  /** Default: `runs/…`, named after the check. */
  readonly out?: string;
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
  const runtimeName = await knownRuntime(run.runtime);
  const { parseSpace } = await import('@ntk-lens/subspace');
  parseSpace(check.space);
  const opened = await openModel(run.model, {
    ...(run.revision !== undefined && { revision: run.revision }),
    ...long,
  });
  const prompted = await loadSamples(
    { run, training: trainingOf(config, check.optimizers[0]!) },
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
    { run, training: { ...trainingOf(config, check.optimizers[0]!), standard: 'random' } },
    opened,
    long,
  );
  const { loadModel } = await import('@ntk-lens/models');
  const { createRuntime } = await import('@ntk-lens/engine');
  const model = await loadModel(opened.directory);
  const path = resolve(options.out ?? checkDirectory(config, opened.name));
  const threads = run.threads !== undefined && { threads: run.threads };
  try {
    const hash = await model.hash();
    await writeJson(join(path, 'config.json'), config);
    const common = { model: hash, labelWordIds, runtime: run.runtime, threads: run.threads };
    const optimizers: OptimizerMeasurement[] = [];
    const natural: NaturalMeasurement[] = [];
    for (const [s, sample] of prompted.samples.entries()) {
      throwIfCancelled(signal, 'The check');
      const name = `${sample.shots}-${sample.seed}`;
      const folder = join(path, name);
      const own = { ...run, shots: [sample.shots], seeds: [sample.seed] };
      const data = hashOf([sample, plain.samples[s]]);
      const kernels = new Map<string, KernelScore>();
      for (const optimizer of check.optimizers) {
        const training = trainingOf(config, optimizer);
        const report = named(`${name} ${optimizer}`, long);
        const identity = {
          ...{ ...common, data, training, check: { ...check, optimizers: null } },
          ...{ solve: solveOf(run), prompting: promptingOf(run) },
        };
        const measurement = await storedMeasurement(
          join(folder, `measured-${optimizer}.json`),
          identity,
          async () => {
            const scores: KernelScore[] = [];
            for (const formula of kernelsOf(optimizer, labelWordIds.length)) {
              const score =
                kernels.get(formula) ??
                (await kernelScore(own, check.space, formula, folder, { ...report, force }));
              kernels.set(formula, score);
              scores.push(score);
            }
            let found: Omit<OptimizerMeasurement, 'kernels'> | undefined;
            await fineTuneExperiment(
              { run: own, training },
              {
                ...{ ...report, force, out: join(folder, `finetune-${optimizer}`) },
                onTuned: async (tuned) => {
                  const part: MeasurePart = (what, measure) =>
                    storedMeasurement(
                      join(folder, 'parts', `${optimizer}-${what}.json`),
                      { ...identity, what },
                      measure,
                    );
                  found = await measureOptimizer(tuned, optimizer, check, part, report);
                },
              },
            );
            return { ...found!, kernels: scores };
          },
        );
        optimizers.push(measurement);
      }
      natural.push(
        await storedMeasurement(join(folder, 'measured-chi.json'), { ...common, data }, async () => {
          const runtime = await createRuntime({ runtime: runtimeName, ...threads });
          try {
            const request = { runtime, model, labelWordIds, sample, plain: plain.samples[s]! };
            return await measureNatural({ ...request, ...named(`${name} χ`, long) });
          } finally {
            await runtime.close();
          }
        }),
      );
    }
    const found = { optimizers, natural };
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
      findings: [
        ...findingsOf({ ...found, metric: task.metrics[0], settings: check }),
        checkExpressible(model).finding,
      ],
      ...found,
      seconds: (performance.now() - start) / 1000,
    };
    await writeJson(join(path, 'findings.json'), experiment);
    return experiment;
  } finally {
    await model.close();
  }
};

/** How an optimizer fine-tunes in this check. */
const trainingOf = ({ check }: CheckConfig, optimizer: CheckedOptimizer): FineTuneConfig['training'] => ({
  ...defaultFineTuneSettings,
  space: check.space,
  optimizer,
  learningRates: optimizer === 'sgd' ? check.sgdRates : check.adamRates,
  batchSizes: check.batchSizes,
  steps: check.steps,
  clipNorm: check.clipNorm,
  dropout: check.dropout,
  trajectory: check.trajectory,
});

const hashOf = (samples: readonly (TrainingSample | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(samples)).digest('hex');

const solveOf = ({ solver, ridge, f0Scales, tied, keepNoise, parameters }: CheckConfig['run']) => ({
  ...{ solver, ridge, f0Scales, tied, keepNoise, parameters },
});

const promptingOf = ({ labelRule, demonstrations }: CheckConfig['run']) => ({ labelRule, demonstrations });

/** Progress that says what it belongs to. */
const named = (name: string, { signal, onProgress }: LongTaskOptions): LongTaskOptions => ({
  ...(signal && { signal }),
  ...(onProgress && {
    onProgress: (event) => onProgress({ ...event, phase: `${name} ${event.phase}` }),
  }),
});
