import { perSplit } from '@ntk-lens/core';
import type { Kernel, Lens, LensTask } from '@ntk-lens/lens';
import { parameterCount } from '@ntk-lens/models';
import type { RunConfig } from '../options/run-config.js';
import { version } from '../version.js';
import type { Cell } from './cells.js';
import type { CellResult, Experiment } from './experiment.js';
import { type SolvedScores, storedScores } from './stored-scores.js';
import { taskRecord } from './with-lens.js';

/** A kernel as results have it. */
export interface ShapedKernel extends Pick<Kernel, 'space' | 'runtime' | 'reused'> {
  /** `[train, C, query, C]`. */
  readonly shapes: CellResult['shapes'];
}

/** A kernel in memory as results have it. */
export const shaped = (kernel: Kernel): ShapedKernel => ({
  ...kernel,
  shapes: perSplit((split) => kernel.splits[split].kernel.shape),
});

/** The results of one kernel, as `metrics.json` holds them. */
export const cellResult = (
  { task, formula, space: { name } }: Cell,
  { shapes, space, runtime, reused }: ShapedKernel,
  directory: string,
  solved: SolvedScores | undefined,
  seconds: CellResult['seconds'],
): CellResult => ({
  shots: task.shots,
  seed: task.seed,
  formula: formula.name,
  settings: formula.settings,
  space: space && { name, ...space },
  withoutPrompt: task.prompt ? undefined : true,
  directory,
  examples: perSplit((split) => task.examples[split].length),
  shapes,
  scores: solved && storedScores(solved),
  ...{ runtime: runtime!, reused, seconds },
});

/** The content of `metrics.json`. */
export const experimentRecord = async (
  { name, model }: Lens,
  config: RunConfig,
  directory: string,
  task: LensTask,
  cells: readonly CellResult[],
  seconds: number,
): Promise<Experiment> => ({
  format: 'ntk-lens-metrics',
  version: 1,
  ...{ directory, config, task: taskRecord(task) },
  model: { name, hash: await model.hash(), parameters: parameterCount(model) },
  environment: {
    'ntk-lens': version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  },
  ...{ cells, seconds },
});
