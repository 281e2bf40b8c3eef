import { join, relative } from 'node:path';
import { removeUnfinished, writeJson } from '@ntk-lens/core';
import { type Check, type EarlyLens, prepareTask, refuseCheck, resolveCheck } from '@ntk-lens/lens';
import { knownSolvers } from '@ntk-lens/solvers';
import { type RunConfig, withoutSources } from '../../options/run-config.js';
import { version } from '../../version.js';
import { gridsOf } from '../grids.js';
import { inDirectory } from '../in-directory.js';
import { type DirectoryOptions, runDirectory } from '../run-directory.js';
import type { TaskWork } from '../several/over-tasks.js';
import { openSamples, type TaskRecord, taskOptions, taskRecord, withLens } from '../with-lens.js';
import { keepKernel, keepTuning } from './keep-parts.js';
import type { CheckConfig } from './resolve-check.js';

/** Options of a check. */
export interface CheckExperimentOptions extends DirectoryOptions {
  /** Folder of the directory that gets the findings. Default: the directory itself. */
  readonly place?: string;
}

/** The result of `ntk-lens check`; written to `findings.json`. */
export interface CheckedExperiment extends Omit<Check, 'verdicts'> {
  readonly format: 'ntk-lens-findings';
  readonly version: 1;
  readonly directory: string;
  /** Where the folders of its samples are, from its directory. Default: there. */
  readonly samples?: string;
  readonly config: CheckConfig;
  readonly task: TaskRecord;
  readonly model: { readonly name: string; readonly hash: string };
  readonly environment: Readonly<Record<string, string>>;
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
 * @throws NtkLensError of kind `input` for bad input, DirectoryInUseError for a directory in which another process works among it;
 *   DivergedError; CancelledError
 */
export const checkExperiment = async (
  config: CheckConfig,
  options: CheckExperimentOptions = {},
): Promise<CheckedExperiment> => {
  const start = performance.now();
  const { run, check } = config;
  const { signal, onProgress, force: replace = false, place } = options;
  // All that can be refused is, before a model is looked for.
  refuseSettings(config);
  const prepare = (early: EarlyLens) => openCheck(early, config, options);
  return inDirectory(options.out, options, () =>
    withLens(run, options, prepare, async (lens, tasks) => {
      const named = { ...config, run: { ...run, task: tasks[0]!.spec.name } };
      const directory = checkDirectory(named, lens.name, options);
      return inDirectory(directory, options.out === undefined ? options : {}, async () => {
        const own = place === undefined ? directory : join(directory, place);
        await removeUnfinished(own);
        await writeJson(join(own, 'config.json'), { ...config, run: withoutSources(run) });
        const { verdicts: _, ...found } = await lens.check(tasks, {
          ...{ ...check, directory, replace, signal, onProgress },
          ...{ kernel: kernelOf(run), solve: gridsOf(run) },
          onKernel: (kernel) => keepKernel(lens, config, kernel),
          onTuned: (tuned) => keepTuning(lens, config, tuned),
        });
        const experiment: CheckedExperiment = {
          format: 'ntk-lens-findings',
          version: 1,
          ...{ directory: own, samples: place === undefined ? undefined : relative(own, directory) },
          ...{ config, task: taskRecord(tasks[0]!) },
          model: { name: lens.name, hash: await lens.model.hash() },
          environment: { 'ntk-lens': version, node: process.version, runtime: run.runtime },
          ...found,
          remarks: found.remarks.map((remark) => remark.replace('`limitTest`', '--limit-test')),
          seconds: (performance.now() - start) / 1000,
        };
        await writeJson(join(own, 'findings.json'), experiment);
        return experiment;
      });
    }),
  );
};

/** The work of `checkExperiment` on each of several tasks. */
export const checkWork = ({ check }: Pick<CheckConfig, 'check'>): TaskWork<CheckedExperiment> => ({
  check: (run) => refuseSettings({ run, check }),
  refuse: (lens, run, options) => openCheck(lens, { run, check }, options),
  directory: (run, model, options) => checkDirectory({ run, check }, model, options),
  compute: (run, options) => checkExperiment({ run, check }, options),
});

/** @throws NtkLensError of kind `input` for what a configuration alone shows to be impossible */
export const refuseSettings = ({ run, check }: CheckConfig): void => {
  prepareTask(run.task, taskOptions(run));
  resolveCheck(check);
  knownSolvers(run.solver);
};

/** Options of the kernels of a check. */
export const kernelOf = ({ binary, parameters, tied, keepNoise, batch }: RunConfig) => ({
  ...{ binary, parameters, tied, keepNoise, batch },
});

/** The samples, after everything was refused that can be. */
export const openCheck = async (early: EarlyLens, { run, check }: CheckConfig, options: DirectoryOptions) => {
  const tasks = await openSamples(early, run, taskOptions(run), options);
  await refuseCheck(early, tasks, resolveCheck(check), kernelOf(run));
  return tasks;
};

/** The directory of a check. */
export const checkDirectory = (
  { run, check: { space, optimizers } }: CheckConfig,
  model: string,
  options: DirectoryOptions,
): string => runDirectory(run, ['check', space, optimizers.join('+')], model, options);
