import type { LongTaskOptions } from '@ntk-lens/core';
import { isSymmetric } from '@ntk-lens/kernels';
import { type Lens, type LensTask, predictionsOf, type SolvedPredictions } from '@ntk-lens/lens';
import {
  exceedsMemory,
  LargeKernelError,
  largeKernelCandidates,
  loadKernel,
  openLargeKernel,
  solveLargeKernel,
} from '@ntk-lens/lens/stored';
import type { RunConfig } from '../options/run-config.js';
import type { Cell } from './cells.js';
import { gridsOf } from './grids.js';
import { withKeptIterations } from './kept-iterations.js';
import type { SolvedScores } from './stored-scores.js';

/** Bytes of the arrays of a cell's kernels. */
const bytesOfCell = ({ task, formula, choice }: Cell): number => {
  const { train, dev, test } = task.examples;
  const outputs = choice.binary ? 1 : task.spec.labels.length;
  const all = train.length + dev.length + test.length;
  return 8 * train.length * all * outputs ** 2 * (isSymmetric(formula) ? 1 : 2);
};

/**
 * Refuses what a run cannot do with kernels that are larger than its memory, before any work.
 *
 * @throws LargeKernelError, ConflictingOptionsError, BadArgumentError
 */
export const refuseLargeCells = (config: RunConfig, cells: readonly Cell[], solve: boolean): void => {
  const { memory } = config;
  const large = cells.filter((cell) => exceedsMemory(bytesOfCell(cell), memory));
  const [first] = large;
  if (!first || config.matrixFree) return;
  const budget = memory ?? 4 * 2 ** 30;
  if (cells.some(({ space }) => space.name !== first.space.name))
    throw LargeKernelError.needs('the comparison of spaces', bytesOfCell(first), budget);
  if (!solve) return;
  const asymmetric = large.find(({ formula }) => !isSymmetric(formula));
  if (asymmetric)
    throw LargeKernelError.needs(
      `the solver of the formula ${asymmetric.formula.name}`,
      bytesOfCell(asymmetric),
      budget,
    );
  largeKernelCandidates(config);
};

/** A kernel that was solved on the disk, or in memory after all. */
interface SolvedOnDisk {
  readonly solved: SolvedScores;
  readonly predictions: SolvedPredictions;
}

/** Solves the kernel that `lens.storeKernel` left in a directory. */
export const solveStored = async (
  config: RunConfig,
  lens: Lens,
  { task, choice }: Pick<Cell, 'choice'> & { readonly task: LensTask },
  path: string,
  long: LongTaskOptions,
): Promise<SolvedOnDisk> => {
  const origin = { task, choice };
  const grids = gridsOf(config);
  const large = await openLargeKernel(path, config.memory);
  if (!large) {
    const solved = await lens.solve({ ...(await loadKernel(path)), origin }, { ...grids, ...long });
    return { solved, predictions: predictionsOf(solved) };
  }
  const { threads, memory } = config;
  const solved = await withKeptIterations(path, { grids, threads, memory }, (store) =>
    solveLargeKernel(large, { ...grids, threads, origin, store, ...long }),
  );
  return { solved, predictions: solved.predictions };
};
