import { join } from 'node:path';
import { ConflictingOptionsError, type NDArray, throwIfCancelled, writeJson } from '@ntk-lens/core';
import {
  type EarlyLens,
  type Lens,
  named,
  type RuntimeRecord,
  readMachineProfile,
  refuseOtherMachine,
} from '@ntk-lens/lens';
import { blockIndexName, loadKernel, RunDirectory, rethrowDiskFull } from '@ntk-lens/lens/stored';
import { regressionSolvers } from '@ntk-lens/solvers';
import { type RunConfig, withoutSources } from '../options/run-config.js';
import type { Cell } from './cells.js';
import { distancesToFull } from './compare-spaces.js';
import { keepExamples } from './examples-file.js';
import type { CellResult, Experiment } from './experiment.js';
import { experimentRecord } from './experiment-record.js';
import { inDirectory } from './in-directory.js';
import { type AskedResult, keepResult, knownResult } from './known-result.js';
import { refuseLargeCells } from './large-cell.js';
import { methodName } from './method-name.js';
import { checkExperiment, openCells, withExperiment } from './prepare-experiment.js';
import { type DirectoryOptions, runDirectory } from './run-directory.js';
import { cellIdentity, experimentIdentity } from './run-identity.js';
import type { TaskWork } from './several/over-tasks.js';
import { coefficientsName, kernelCell, matrixFreeCell } from './solved-cell.js';
import { predictionsName, writePredictions } from './write-predictions.js';

export interface ExperimentOptions extends DirectoryOptions {
  /** Default true; false leaves kernels and logits only, as `ntk-lens kernel` does. */
  readonly solve?: boolean;
  /** The runtime that computed the parts of the kernels, which are all there: they are put together only. */
  readonly computedBy?: RuntimeRecord;
}

/**
 * Runs an experiment: prompts the task's examples, computes the kernels, solves them with hyperparameters
 * chosen on dev, and keeps all of it in a run directory (docs/formats.md); `writeOutcome` adds tables and
 * figures. Bad input is refused before the model's weights are read. Finished kernels of the same run in the
 * same directory are reused.
 *
 * With several seeds, shots, formulas or parameter spaces, each combination has a folder of its own in the
 * run directory.
 *
 * @example
 * ```ts
 * const { cells } = await runExperiment({ ...defaultRunConfig, task: 'topic' }, { out: 'runs/topic' });
 * cells[0].scores?.kernel.test.accuracy;
 * ```
 * @param config the experiment to run
 * @returns everything that `metrics.json` holds
 * @throws NtkLensError of kind `input` for bad input, OtherRunError for a directory of another run,
 * RunVersionError,
 *   LabelOrderError, DirectoryInUseError for a directory in which another process works, CancelledError when the signal fires,
 *   DiskFullError
 */
export const runExperiment = async (
  config: RunConfig,
  options: ExperimentOptions = {},
): Promise<Experiment> => {
  const start = performance.now();
  const pathOf = ({ name }: EarlyLens, cells: readonly Cell[]): string =>
    experimentDirectory({ ...config, task: cells[0]!.task.spec.name }, name, options);
  return inDirectory(options.out, options, () =>
    withExperiment(
      config,
      options,
      (lens, cells) => refuseExperiment(config, options, lens, cells, pathOf(lens, cells)),
      (lens, cells) => {
        const path = pathOf(lens, cells);
        const later = options.out === undefined ? options : {};
        return inDirectory(path, later, () => computeExperiment(config, options, lens, cells, path, start));
      },
    ),
  );
};

/** The work of `runExperiment` on each of several tasks. */
export const experimentWork = ({ solve }: Pick<ExperimentOptions, 'solve'> = {}): TaskWork<Experiment> => ({
  check: checkExperiment,
  refuse: async (lens, config, options) => {
    const refuse = (early: EarlyLens, cells: readonly Cell[]) =>
      refuseExperiment(config, { ...options, solve }, early, cells, options.out!);
    await (await openCells(lens, config, options, refuse)).close();
  },
  directory: experimentDirectory,
  compute: (config, options) => runExperiment(config, { ...options, solve }),
});

/** The directory of a cell's kernel. */
const directoryOf = (path: string, { name }: Cell, cells: readonly Cell[]): string =>
  cells.length === 1 ? path : join(path, name);

/** Every refusal comes before the weights are read and before the first byte is written. */
export const refuseExperiment = async (
  config: RunConfig,
  { force = false, solve = true }: ExperimentOptions,
  { runtime: { name: runtime } }: EarlyLens,
  cells: readonly Cell[],
  path: string,
): Promise<void> => {
  const [first] = cells;
  if (!solve && config.matrixFree)
    throw new ConflictingOptionsError(
      '`matrixFree` never writes a kernel out, and kernels are all that is asked for.',
      'Leave `matrixFree` out, or ask for a run that is solved.',
    );
  if (solve && first!.task.spec.kind === 'regression') regressionSolvers(config.solver);
  if (cells.length > 1)
    await RunDirectory.check(path, experimentIdentity(config, first!, undefined, solve), force);
  const found = [];
  for (const cell of cells)
    found.push(
      await RunDirectory.check(
        directoryOf(path, cell, cells),
        cellIdentity(config, cell, { runtime }, solve),
        force,
      ),
    );
  refuseLargeCells(config, cells, solve);
  // Work that began goes on with the profile that it began with.
  if (config.profile !== undefined && found.some((manifest) => !manifest?.plan))
    refuseOtherMachine(await readMachineProfile(config.profile), { runtime, threads: config.threads });
};

const computeExperiment = async (
  config: RunConfig,
  options: ExperimentOptions,
  lens: Lens,
  cells: readonly Cell[],
  path: string,
  start: number,
): Promise<Experiment> => {
  const { force = false, solve = true } = options;
  const [first] = cells;
  const { name: runtime } = lens.runtime;
  const single = cells.length === 1;
  const modelHash = await lens.model.hash();
  try {
    if (!single) await RunDirectory.open(path, experimentIdentity(config, first!, modelHash, solve), force);
    const computed: ComputedCell[] = [];
    for (const cell of cells) {
      throwIfCancelled(options.signal, 'The run');
      const identity = cellIdentity(config, cell, { modelHash, runtime }, solve);
      const directory = await RunDirectory.open(directoryOf(path, cell, cells), identity, force);
      computed.push(await computeCell(config, options, lens, cells, cell, directory));
    }
    const found = config.matrixFree ? computed.map(({ result }) => result) : await distancesToFull(computed);
    for (const [i, { asked, result }] of computed.entries())
      if (found[i]!.distance !== result.distance)
        await keepResult((await RunDirectory.read(result.directory))!, asked, found[i]!);
    const seconds = (performance.now() - start) / 1000;
    const experiment = await experimentRecord(lens, config, path, first!.task, found, seconds);
    await writeJson(join(path, 'config.json'), withoutSources(config));
    await writeJson(join(path, 'metrics.json'), experiment);
    return experiment;
  } catch (error) {
    return rethrowDiskFull(path, error);
  }
};

/** A cell with its result, and its kernel where that is needed. */
interface ComputedCell {
  readonly result: CellResult;
  readonly asked: AskedResult;
  /** `K(train, train)`. */
  readonly train: () => Promise<NDArray<'float64'>>;
}

/** The kernel of one cell and what was found with it; an earlier call's result is taken from the manifest. */
const computeCell = async (
  config: RunConfig,
  options: ExperimentOptions,
  lens: Lens,
  cells: readonly Cell[],
  cell: Cell,
  directory: RunDirectory,
): Promise<ComputedCell> => {
  const { force = false, solve = true, computedBy } = options;
  const { task, formula, space, choice } = cell;
  const { path } = directory;
  const single = cells.length === 1;
  const alone = {
    ...config,
    ...{ shots: [task.shots], seeds: [task.seed], formulas: [formula.name] },
    ...(config.spaces && { spaces: [space.name] }),
  };
  await writeJson(join(path, 'config.json'), withoutSources(single ? config : alone));
  const firstOfSample = cell === cells.find((other) => other.task === task);
  const several = config.calibrate || (task.prompt?.texts.contexts.length ?? 0) > 1;
  const variants = solve && several && task.prompt && firstOfSample;
  const { matrixFree = false } = config;
  const asked: AskedResult = {
    ...{ solve, matrixFree },
    variants: variants ? { calibrate: config.calibrate === true } : undefined,
  };
  const train = async () => (await loadKernel(path)).splits.train.kernel;
  const files = [
    ...(choice.blocks === undefined ? [] : [blockIndexName(choice.blocks)]),
    ...(solve ? [predictionsName] : []),
    ...(matrixFree ? [coefficientsName] : []),
  ];
  // With `force` the kernel is read, so that a damaged one is made anew.
  const known = force ? undefined : knownResult(directory, asked, cell, files);
  if (known) {
    await keepExamples(path, task);
    return { result: known, asked, train };
  }
  const long = named(single ? undefined : cell.name, options);
  const found = matrixFree
    ? await matrixFreeCell(config, lens, cell, path, { force, ...long })
    : await kernelCell(config, lens, cell, path, { force, solve, computedBy, ...long });
  const [, ...methods] = variants ? await lens.zeroShot(task, { calibrate: config.calibrate, ...long }) : [];
  const result = { ...found.result, zeroShotVariants: methods.length > 0 ? methods : undefined };
  const { kernel } = result.scores ?? {};
  if (found.predictions && kernel)
    await writePredictions(path, task, found.predictions, methodName(result, kernel));
  await keepExamples(path, task);
  await keepResult((await RunDirectory.read(path))!, asked, result);
  return { result, asked, train: found.train ?? train };
};

/** The directory that is asked for, or one named after formulas and spaces. */
export const experimentDirectory = (config: RunConfig, model: string, options: DirectoryOptions): string =>
  runDirectory(config, whatOf(config), model, options);

/** Formulas and spaces in the name of a directory. */
const whatOf = ({ formulas, optimizerState, spaces, binary }: RunConfig): readonly string[] => [
  formulas.join('+'),
  ...(optimizerState === undefined ? [] : ['optimizer-state']),
  ...(spaces ? [spaces.join('+')] : []),
  ...(binary ? ['binary'] : []),
];
