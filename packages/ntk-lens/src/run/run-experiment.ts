import { join, resolve } from 'node:path';
import { type LongTaskOptions, type NDArray, throwIfCancelled } from '@ntk-lens/core';
import { knownSolvers, regressionSolvers } from '@ntk-lens/solvers';
import type { RunConfig } from '../options/run-config.js';
import { version } from '../version.js';
import { type CellKey, cellKeys, cellName, spaceOf } from './cell-keys.js';
import { distancesToFull } from './compare-spaces.js';
import { defaultDirectory } from './default-directory.js';
import type { CellResult, Experiment } from './experiment.js';
import { kernelRequest } from './kernel-request.js';
import type { openModel } from './model/open-model.js';
import { type PreparedExperiment, withExperiment } from './prepare-experiment.js';
import { zeroShotVariants } from './prompting/zero-shot-variants.js';
import { cellKernels } from './run-cell.js';
import { cellIdentity, collectionIdentity } from './run-identity.js';
import { solveRegression } from './solve-regression.js';
import { type SolvedSplits, solveSplits } from './solve-splits.js';
import { rethrowDiskFull } from './store/errors.js';
import { splitNames } from './store/kernel-names.js';
import { RunDirectory, type RunIdentity } from './store/run-directory.js';
import { writeJson } from './store/write-json.js';

export interface ExperimentOptions extends LongTaskOptions {
  /** Run directory. Default: `runs/…`, named after the run. */
  readonly out?: string;
  /** Replace another run in that directory. Default false: it is refused. */
  readonly force?: boolean;
  /** Default true; false leaves kernels and logits only, as `ntk-lens kernel` does. */
  readonly solve?: boolean;
  /** Opens the model; default: the embedded one, a directory, or one of the Hub. */
  readonly openModel?: typeof openModel;
}

/**
 * Runs an experiment: prompts the task's examples, computes the kernels, solves them with hyperparameters chosen
 * on dev, and keeps all of it in a run directory (docs/formats.md); `writeOutcome` adds tables and figures. Bad input is refused before the model's weights are read.
 * Finished kernels of the same run in the same directory are reused.
 *
 * With several seeds, shots, formulas or parameter spaces, each combination has a folder of its own in the run directory.
 *
 * @example
 * ```ts
 * const { cells } = await runExperiment({ ...defaultRunConfig, task: 'topic' }, { out: 'runs/topic' });
 * cells[0].scores?.kernel.test.accuracy;
 * ```
 * @param config what to run
 * @returns everything that `metrics.json` holds
 * @throws NtkLensError of kind `input` for bad input, OtherRunError for a directory of another run, RunVersionError,
 *   LabelOrderError, CancelledError when the signal fires, DiskFullError
 */
export const runExperiment = async (
  config: RunConfig,
  options: ExperimentOptions = {},
): Promise<Experiment> => {
  const start = performance.now();
  if (options.solve ?? true) knownSolvers(config.solver);
  return withExperiment(config, options, (experiment) =>
    computeExperiment(config, options, experiment, start),
  );
};

const computeExperiment = async (
  config: RunConfig,
  options: ExperimentOptions,
  { prepared, opened, verbalizer, samples, spaces, formulas }: PreparedExperiment,
  start: number,
): Promise<Experiment> => {
  const { force = false, solve = true, signal, onProgress } = options;
  const { task } = prepared;
  if (solve && task.kind === 'regression') regressionSolvers(config.solver);
  const path = resolve(options.out ?? defaultDirectory(config, opened.name));
  const cells = cellKeys(formulas, samples, spaces);
  const single = cells.length === 1;
  const pathOf = (key: CellKey): string => (single ? path : join(path, cellName(key)));
  const identityOf = (key: CellKey, hash?: string): RunIdentity =>
    cellIdentity(config, prepared, verbalizer, key, hash, solve);

  // Every refusal comes before the first byte is written.
  if (!single)
    await RunDirectory.check(path, collectionIdentity(config, prepared, verbalizer, undefined, solve), force);
  for (const key of cells) await RunDirectory.check(pathOf(key), identityOf(key), force);
  onProgress?.({ phase: 'open model', done: 0, detail: opened.name });
  const model = await opened.load();
  try {
    // So do those that need the shapes of the weights: a budget too small, no parameter chosen.
    for (const key of cells) {
      const directory = { path: pathOf(key), identity: {} };
      await model.check?.(kernelRequest(config, key, verbalizer.labelWordIds, directory, false));
    }
    if (!single) {
      await RunDirectory.open(
        path,
        collectionIdentity(config, prepared, verbalizer, model.hash, solve),
        force,
      );
    }
    const results: CellResult[] = [];
    const trainKernels: NDArray<'float64'>[] = [];
    for (const key of cells) {
      throwIfCancelled(signal, 'The run');
      const { data, formula, space } = key;
      const directory = await RunDirectory.open(pathOf(key), identityOf(key, model.hash), force);
      const own = single
        ? config
        : {
            ...config,
            ...{ shots: [data.shots], seeds: [data.seed], formulas: [formula.name] },
            ...(config.spaces && { spaces: [space.name] }),
          };
      await writeJson(join(directory.path, 'config.json'), own);
      const long: LongTaskOptions = {
        ...(signal && { signal }),
        ...(onProgress && {
          onProgress: single
            ? onProgress
            : (event) => onProgress({ ...event, phase: `${cellName(key)} ${event.phase}` }),
        }),
      };
      const { splits, runtime, reused, seconds } = await cellKernels(
        config,
        key,
        verbalizer.labelWordIds,
        model,
        directory,
        force,
        long,
      );
      const solveStart = performance.now();
      const scores: SolvedSplits | undefined = solve
        ? task.kind === 'regression'
          ? await solveRegression(splits, { ...config, task, gold: data.gold }, long)
          : await solveSplits(splits, { ...config, metrics: task.metrics, hasLogits: true }, long)
        : undefined;
      const variants =
        solve && !data.withoutPrompt && key === cells.find((other) => other.data === data)
          ? await zeroShotVariants(config, { task, verbalizer, model: opened }, data, model, long)
          : [];
      const described = await spaceOf(config, key, model);
      const perSplit = <T>(of: (split: (typeof splitNames)[number]) => T) =>
        Object.fromEntries(splitNames.map((split) => [split, of(split)])) as Record<
          (typeof splitNames)[number],
          T
        >;
      const cell: CellResult = {
        shots: data.shots,
        seed: data.seed,
        formula: formula.name,
        ...(formula.settings && { settings: formula.settings }),
        ...(described && { space: described }),
        ...(data.withoutPrompt && { withoutPrompt: true }),
        directory: directory.path,
        examples: perSplit((split) => data.examples[split].length),
        shapes: perSplit((split) => splits[split].kernel.shape),
        ...(scores && { scores }),
        ...(variants.length > 0 && { zeroShotVariants: variants }),
        runtime,
        reused,
        seconds: { kernels: seconds, solve: (performance.now() - solveStart) / 1000 },
      };
      results.push(cell);
      trainKernels.push(splits.train.kernel);
    }
    const experiment: Experiment = {
      format: 'ntk-lens-metrics',
      version: 1,
      directory: path,
      config,
      task: {
        name: task.name,
        template: prepared.template.source,
        labels: task.labels,
        labelWords: verbalizer.words.map(({ word }) => word),
        metrics: task.metrics,
      },
      model: { name: opened.name, hash: model.hash, parameters: model.parameters },
      environment: {
        'ntk-lens': version,
        node: process.version,
        platform: `${process.platform}-${process.arch}`,
      },
      cells: await distancesToFull(results, trainKernels),
      seconds: (performance.now() - start) / 1000,
    };
    await writeJson(join(path, 'config.json'), config);
    await writeJson(join(path, 'metrics.json'), experiment);
    return experiment;
  } catch (error) {
    return rethrowDiskFull(path, error);
  } finally {
    await model.close();
  }
};
