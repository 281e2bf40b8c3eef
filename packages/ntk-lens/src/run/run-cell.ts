import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Formula, KernelSplit, SplitName } from '@ntk-lens/core';
import { type LongTaskOptions, ndarray } from '@ntk-lens/core';
import type { RunConfig } from '../options/run-config.js';
import type { CellData } from './load-cell.js';
import type { LoadedModel, RuntimeRecord } from './model/opened-model.js';
import { hasKernels, type KernelSplits, kernelFiles, readKernels, splitNames } from './store/kernel-files.js';
import { type RunDirectory, tilesName } from './store/run-directory.js';

export interface CellKernels {
  readonly splits: KernelSplits;
  readonly runtime: RuntimeRecord;
  readonly reused: boolean;
  readonly seconds: number;
}

/**
 * The kernels of one cell: read where the same run has left them, computed and stored otherwise.
 *
 * @throws DamagedRunError if stored kernels are not what was written
 */
export const cellKernels = async (
  config: RunConfig,
  data: CellData,
  formula: Formula,
  labelWordIds: readonly number[],
  model: LoadedModel,
  directory: RunDirectory,
  force: boolean,
  options: LongTaskOptions,
): Promise<CellKernels> => {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const { environment } = directory.manifest;
  if (hasKernels(directory) && environment !== undefined) {
    const { splits } = await readKernels(directory.path);
    return { splits, runtime: environment as unknown as RuntimeRecord, reused: true, seconds: seconds() };
  }
  const tiles = join(directory.path, tilesName);
  const { examples } = data;
  const { splits: computed, runtime } = await model.computeKernels(
    {
      examples,
      labelWordIds,
      formula,
      binary: config.binary,
      runtime: config.runtime,
      ...(config.threads !== undefined && { threads: config.threads }),
      ...(config.memory !== undefined && { memory: config.memory }),
      ...(config.parameters !== undefined && { parameters: config.parameters }),
      tied: config.tied,
      keepNoise: config.keepNoise,
      tiles: { directory: tiles, identity: directory.manifest.kernel, replace: force },
      ...(config.batch !== undefined && { batch: config.batch }),
    },
    options,
  );
  const withLabels = (split: SplitName): KernelSplit => ({
    ...computed[split],
    labels: ndarray<'int32'>(Int32Array.from(data.labels[split]), [data.labels[split].length]),
  });
  const splits = Object.fromEntries(
    splitNames.map((split) => [split, withLabels(split)]),
  ) as unknown as KernelSplits;
  await directory.finish(kernelFiles(splits), { ...runtime });
  await rm(tiles, { recursive: true, force: true });
  return { splits, runtime, reused: false, seconds: seconds() };
};
