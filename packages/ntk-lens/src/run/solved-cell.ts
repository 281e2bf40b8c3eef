import { join } from 'node:path';
import {
  encodeNpy,
  type LongTaskOptions,
  type NDArray,
  perSplit,
  splitNames,
  withoutUndefined,
} from '@ntk-lens/core';
import { openTileStore, removeTiles } from '@ntk-lens/kernels';
import { type Lens, predictionsOf, type RuntimeRecord, type SolvedPredictions } from '@ntk-lens/lens';
import { RunDirectory, tilesName } from '@ntk-lens/lens/stored';
import type { RunConfig } from '../options/run-config.js';
import type { Cell } from './cells.js';
import type { CellResult } from './experiment.js';
import { cellResult, shaped } from './experiment-record.js';
import { solveStored } from './large-cell.js';

/** File of the solution of a matrix-free run: a number for each (training example, logit). */
export const coefficientsName = 'coefficients.npy';

/** The result of a cell, with what further files are made of. */
interface SolvedCell {
  readonly result: CellResult;
  /** Answers on the test set; absent where nothing was solved. */
  readonly predictions?: SolvedPredictions;
  /** `K(train, train)`, where it is in memory. */
  readonly train?: () => Promise<NDArray<'float64'>>;
}

/** Options of {@link kernelCell}. */
interface KernelCellOptions extends LongTaskOptions {
  readonly force: boolean;
  readonly solve: boolean;
  /** The runtime that computed the parts of the kernel, which are all there. */
  readonly computedBy?: RuntimeRecord;
}

/** Computes the kernel of a cell, which its directory keeps, and solves it where that is asked for. */
export const kernelCell = async (
  config: RunConfig,
  lens: Lens,
  cell: Cell,
  path: string,
  { force, solve, computedBy, ...long }: KernelCellOptions,
): Promise<SolvedCell> => {
  const start = performance.now();
  const own = { ...cell.choice, directory: path, replace: force, computedBy };
  if (!(await lens.kernelFits(cell.task, { ...cell.choice, signal: long.signal }))) {
    const { blocks: _, ...stored } = own;
    const kernel = await lens.storeKernel(cell.task, { ...stored, ...long });
    const solveStart = performance.now();
    const found = solve ? await solveStored(config, lens, cell, path, long) : undefined;
    const seconds = { kernels: (solveStart - start) / 1000, solve: (performance.now() - solveStart) / 1000 };
    return {
      result: cellResult(cell, kernel, path, found?.solved, seconds),
      predictions: found?.predictions,
    };
  }
  const kernel = await lens.kernel(cell.task, { ...own, ...long });
  const solveStart = performance.now();
  const solved = solve ? await lens.solve(kernel, { ...config, ...long }) : undefined;
  const seconds = { kernels: (solveStart - start) / 1000, solve: (performance.now() - solveStart) / 1000 };
  return {
    result: cellResult(cell, shaped(kernel), path, solved, seconds),
    predictions: solved && predictionsOf(solved),
    train: async () => kernel.splits.train.kernel,
  };
};

/** Solves a cell by products with its kernel, and keeps the solution, the logits and the labels in its directory. */
export const matrixFreeCell = async (
  config: RunConfig,
  lens: Lens,
  cell: Cell,
  path: string,
  { force, ...long }: LongTaskOptions & { readonly force: boolean },
): Promise<SolvedCell> => {
  const { task, choice } = cell;
  const start = performance.now();
  const { method: _, ...grids } = config;
  const directory = (await RunDirectory.read(path))!;
  const tiles = join(path, tilesName);
  const { kernel, solve } = directory.manifest;
  const { runtime, version, threads } = (await lens.runtime.open()).info;
  const { memory, batch } = config;
  // Everything that the bytes of the iterations depend on.
  const identity = { ...kernel, ...solve, ...withoutUndefined({ memory, batch, runtime, version, threads }) };
  if (force) await removeTiles(tiles);
  const store = await openTileStore(tiles, identity);
  const solved = await lens.solveMatrixFree(task, choice, { ...grids, ...long, spectrum: true, store });
  const seconds = { kernels: 0, solve: (performance.now() - start) / 1000 };
  const { coefficients, logits, iterations, largestEigenvalue, spectrum } = solved;
  const files = Object.fromEntries([
    [coefficientsName, encodeNpy(coefficients)],
    ...splitNames.map((split) => [`${split}_logits.npy`, encodeNpy(logits[split])] as const),
  ]);
  await directory.finish(files, { ...solved.runtime, ...solved.maker });
  await removeTiles(tiles);
  const outputs = coefficients.shape[1]!;
  const shapes = perSplit((split) => [...coefficients.shape, task.examples[split].length, outputs]);
  const of = { shapes, space: solved.space, runtime: solved.runtime, reused: false };
  return {
    result: {
      ...cellResult(cell, of, path, solved, seconds),
      matrixFree: { largestEigenvalue, iterations, spectrum },
    },
    predictions: solved.predictions,
  };
};
