import { join } from 'node:path';
import { writeJson } from '@ntk-lens/core';
import { type Check, type EarlyLens, prepareTask, refuseCheck, resolveCheck } from '@ntk-lens/lens';
import { knownSolvers } from '@ntk-lens/solvers';
import { withoutSources } from '../../options/run-config.js';
import { version } from '../../version.js';
import { gridsOf } from '../grids.js';
import { inDirectory } from '../in-directory.js';
import { type DirectoryOptions, runDirectory } from '../run-directory.js';
import { openSamples, type TaskRecord, taskOptions, taskRecord, withLens } from '../with-lens.js';
import { keepKernel, keepTuning } from './keep-parts.js';
import type { CheckConfig } from './resolve-check.js';

/** The result of `ntk-lens check`; written to `findings.json`. */
export interface CheckedExperiment extends Omit<Check, 'verdicts'> {
  readonly format: 'ntk-lens-findings';
  readonly version: 1;
  readonly directory: string;
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
  options: DirectoryOptions = {},
): Promise<CheckedExperiment> => {
  const start = performance.now();
  const { run, check } = config;
  const { signal, onProgress, force: replace = false } = options;
  const given = taskOptions(run);
  // All that can be refused is, before a model is looked for.
  prepareTask(run.task, given);
  const resolved = resolveCheck(check);
  knownSolvers(run.solver);
  const { binary, parameters, tied, keepNoise, batch } = run;
  const kernel = { binary, parameters, tied, keepNoise, batch };
  const prepare = async (early: EarlyLens) => {
    const tasks = await openSamples(early, run, given, options);
    await refuseCheck(early, tasks, resolved, kernel);
    return tasks;
  };
  return inDirectory(options.out, options, () =>
    withLens(run, options, prepare, async (lens, tasks) => {
      const what = ['check', check.space, check.optimizers.join('+')];
      const directory = runDirectory({ ...run, task: tasks[0]!.spec.name }, what, lens.name, options);
      return inDirectory(directory, options.out === undefined ? options : {}, async () => {
        await writeJson(join(directory, 'config.json'), { ...config, run: withoutSources(run) });
        const { verdicts: _, ...found } = await lens.check(tasks, {
          ...{ ...check, directory, replace, signal, onProgress },
          ...{ kernel, solve: gridsOf(run) },
          onKernel: (kernel) => keepKernel(lens, config, kernel),
          onTuned: (tuned) => keepTuning(lens, config, tuned),
        });
        const experiment: CheckedExperiment = {
          format: 'ntk-lens-findings',
          version: 1,
          ...{ directory, config, task: taskRecord(tasks[0]!) },
          model: { name: lens.name, hash: await lens.model.hash() },
          environment: { 'ntk-lens': version, node: process.version, runtime: run.runtime },
          ...found,
          remarks: found.remarks.map((remark) => remark.replace('`limitTest`', '--limit-test')),
          seconds: (performance.now() - start) / 1000,
        };
        await writeJson(join(directory, 'findings.json'), experiment);
        return experiment;
      });
    }),
  );
};
