import { collectionIdentity, kernelIdentity, resolveChoice } from '@ntk-lens/lens';
import type { RunIdentity } from '@ntk-lens/lens/stored';
import type { RunConfig } from '../options/run-config.js';
import type { Cell } from './cells.js';
import { gridsOf } from './grids.js';

/** The solution of kernels. That they are not written out stands in it even where they are: a directory has one or the other. */
const solveIdentity = (config: RunConfig): Readonly<Record<string, unknown>> => ({
  ...gridsOf(config),
  matrixFree: config.matrixFree ? true : undefined,
});

/**
 * The identity of one kernel of an experiment, as its manifest records it.
 *
 * @param of hash of the model, as soon as its weights are read; the runtime, as it was asked for
 */
export const cellIdentity = (
  config: RunConfig,
  { task, choice, space }: Cell,
  of: { readonly modelHash?: string; readonly runtime: string },
  solve: boolean,
): RunIdentity => ({
  kernel: kernelIdentity(task, resolveChoice(task, choice, space.space), of),
  solve: solve ? solveIdentity(config) : undefined,
  sources: config.sources,
  suggestion: config.suggestion,
});

/** The identity of a directory that holds several samples or formulas, each in a folder of its own. */
export const experimentIdentity = (
  config: RunConfig,
  { task }: Cell,
  modelHash: string | undefined,
  solve: boolean,
): RunIdentity => ({
  kernel: collectionIdentity(task, config, modelHash),
  solve: solve ? solveIdentity(config) : undefined,
  sources: config.sources,
  suggestion: config.suggestion,
});
