import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelSplit, SplitName } from '@ntk-lens/core';
import { encodeNpy, type LongTaskOptions, ndarray } from '@ntk-lens/core';
import type { BlockLevel } from '@ntk-lens/kernels';
import type { LinearProbe } from '@ntk-lens/solvers';
import type { RunConfig } from '../options/run-config.js';
import type { CellKey } from './cell-keys.js';
import { kernelRequest } from './kernel-request.js';
import type { LoadedModel, RuntimeRecord } from './model/opened-model.js';
import { blockFiles, blockIndexName } from './store/block-files.js';
import { hasKernels, type KernelSplits, kernelFiles, readKernels } from './store/kernel-files.js';
import { splitNames } from './store/kernel-names.js';
import { type RunDirectory, tilesName } from './store/run-directory.js';

const headFiles = ({ weights, bias }: LinearProbe) => ({
  'head_weights.npy': encodeNpy(weights),
  'head_bias.npy': encodeNpy(bias),
});

/** The engine is loaded only where there are tiles: finished kernels are read without it. */
const removeTiles = async (directory: RunDirectory, levels?: readonly BlockLevel[]): Promise<void> => {
  const tiles = join(directory.path, tilesName);
  if (!existsSync(tiles)) return;
  const kernels = await import('@ntk-lens/kernels');
  await kernels.removeTiles(tiles, levels);
};

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
  key: CellKey,
  labelWordIds: readonly number[],
  model: LoadedModel,
  directory: RunDirectory,
  force: boolean,
  options: LongTaskOptions,
): Promise<CellKernels> => {
  const { data } = key;
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const { environment } = directory.manifest;
  const known =
    hasKernels(directory) && environment !== undefined
      ? {
          splits: (await readKernels(directory.path)).splits,
          runtime: environment as unknown as RuntimeRecord,
        }
      : undefined;
  const hasBlocks = config.blocks === undefined || directory.has(blockIndexName(config.blocks));
  if (known && hasBlocks) {
    // A kill between finishing and removing leaves tiles; those of other blocks belong to a run that can go on.
    await removeTiles(directory, ['sum', ...(config.blocks ? [config.blocks] : [])]);
    return { ...known, reused: true, seconds: seconds() };
  }
  const request = kernelRequest(
    config,
    key,
    labelWordIds,
    { path: directory.path, identity: directory.manifest.kernel },
    force,
  );
  const { splits: computed, blocks, head, ...own } = await model.computeKernels(request, options);
  const runtime: RuntimeRecord = {
    ...own.runtime,
    ...(head && {
      probe: { penaltyC: head.penaltyC, warnings: head.warnings.map(({ message }) => message) },
    }),
  };
  const parts = config.blocks && blocks ? blockFiles(config.blocks, blocks) : {};
  const withLabels = (split: SplitName): KernelSplit => ({
    ...computed[split],
    labels: ndarray<'int32'>(Int32Array.from(data.labels[split]), [data.labels[split].length]),
  });
  const made = Object.fromEntries(
    splitNames.map((split) => [split, withLabels(split)]),
  ) as unknown as KernelSplits;
  // Files that are finished stay as they are: blocks are added to them.
  await directory.finish(
    known ? parts : { ...parts, ...kernelFiles(made), ...(head && headFiles(head)) },
    known ? undefined : { ...runtime },
  );
  await removeTiles(directory);
  return { ...(known ?? { splits: made, runtime }), reused: false, seconds: seconds() };
};
