import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { decodeNpy, isError, perSplit, toFloat64 } from '@ntk-lens/core';
import { type BlockIndex, blockFiles, blockIndexName, blocksName } from '../kernel/block-files.js';
import type {
  BlockKernels,
  KernelBlocks,
  KernelIdentity,
  KernelMaker,
  StoredKernel,
} from '../kernel/kernel.js';
import { kernelFiles } from '../kernel/kernel-files.js';
import type { BlockLevel } from '../kernel/kernel-options.js';
import type { RuntimeRecord } from '../kernel/runtime-record.js';
import type { KernelStore } from '../session/platform.js';
import { rowFiles } from './row-files.js';
import { DamagedRunError, NoPartsError, rethrowDiskFull } from './store/errors.js';
import { hasKernels, readKernels } from './store/read-kernels.js';
import { RunDirectory, tilesName } from './store/run-directory.js';

/** The engine is loaded only where there are tiles: finished kernels are read without it. */
const removeTiles = async (path: string, levels?: readonly ('sum' | BlockLevel)[]): Promise<void> => {
  const tiles = join(path, tilesName);
  if (!existsSync(tiles)) return;
  const kernels = await import('@ntk-lens/kernels');
  await kernels.removeTiles(tiles, levels);
};

const openTiles = async (path: string, identity: KernelIdentity, replace: boolean) => {
  const { OldTilesError, OtherTilesError, openTileStore, removeTiles } = await import('@ntk-lens/kernels');
  const tiles = join(path, tilesName);
  try {
    return await openTileStore(tiles, identity);
  } catch (error) {
    // Tiles of another computation, or of another version.
    if (!replace || !(isError(error, OtherTilesError) || isError(error, OldTilesError))) throw error;
    await removeTiles(tiles);
    return openTileStore(tiles, identity);
  }
};

/**
 * A kernel's directory, made if need be.
 *
 * @throws OtherRunError with the differing fields, RunVersionError, LabelOrderError, NotRunDirectoryError
 */
export const openKernelStore = async (
  path: string,
  asked: KernelIdentity,
  replace: boolean,
): Promise<KernelStore> => {
  const directory = await RunDirectory.open(path, { kernel: asked }, replace);
  return storeOf(path, directory, replace);
};

/**
 * The directory of a kernel that another process planned. Several processes may have it open, so its manifest stays as it is.
 *
 * @throws NoPartsError where no kernel was planned; OtherRunError with the differing fields, RunVersionError, LabelOrderError
 */
export const readKernelStore = async (path: string, asked: KernelIdentity): Promise<KernelStore> => {
  await RunDirectory.check(path, { kernel: asked }, false);
  const directory = await RunDirectory.read(path);
  if (!directory?.manifest.plan) throw new NoPartsError(path);
  return storeOf(path, directory, false);
};

const storeOf = (path: string, directory: RunDirectory, replace: boolean): KernelStore => {
  const identity = directory.manifest.kernel;
  return {
    identity,
    read: async (level) => {
      if (!hasKernels(directory) || directory.manifest.environment === undefined) return undefined;
      const whole = level === undefined || directory.has(blockIndexName(level));
      // A kill between finishing and removing leaves tiles; those of other blocks belong to work that can go on.
      if (whole) await removeTiles(path, ['sum', ...(level ? [level] : [])]);
      try {
        const blocks = level && whole ? await readBlocks(directory, level) : undefined;
        return { kernel: { ...(await storedKernel(path)), blocks }, whole };
      } catch (error) {
        if (!replace || !isError(error, DamagedRunError)) throw error;
        await directory.forget();
        return undefined;
      }
    },
    plan: async (make) => {
      if (!directory.manifest.plan) await directory.begin(await make());
      return directory.manifest.plan!;
    },
    tiles: (numbers) => openTiles(path, { ...identity, ...numbers }, replace),
    finish: async ({ blocks, ...kernel }) => {
      // Files that are finished stay as they are: blocks are added to them.
      const known = hasKernels(directory) && directory.manifest.environment !== undefined;
      const parts = blocks ? blockFiles(blocks) : {};
      const files = known ? parts : { ...parts, ...kernelFiles(kernel) };
      try {
        await directory.finish(files, known ? undefined : { ...kernel.runtime, ...kernel.maker });
      } catch (error) {
        rethrowDiskFull(path, error);
      }
      await removeTiles(path);
    },
    rows: rowFiles(directory, () => removeTiles(path)),
  };
};

const readBlocks = async (directory: RunDirectory, level: BlockLevel): Promise<KernelBlocks> => {
  const index = JSON.parse(
    new TextDecoder().decode(await directory.read(blockIndexName(level))),
  ) as BlockIndex;
  const parts: Record<string, BlockKernels> = {};
  for (const { name, files } of index.blocks) {
    const arrays = new Map<string, ReturnType<typeof toFloat64>>();
    for (const [key, file] of Object.entries(files))
      arrays.set(key, toFloat64(decodeNpy(await directory.read(`${blocksName}/${file}`))));
    parts[name] = perSplit((split) => ({
      kernel: arrays.get(split)!,
      flipped: arrays.get(`${split}_flipped`),
    }));
  }
  return { level, parts };
};

/**
 * A kernel as a directory holds it: one that this project wrote, of any version and checked against its manifest, or
 * LM-Kernel-FT's files.
 *
 * @throws NoKernelsError, DamagedRunError, NpyFormatError; RunVersionError for unfinished kernels of an earlier version;
 *   LabelOrderError for a task whose order of labels changed since
 */
export const storedKernel = async (path: string): Promise<StoredKernel> => {
  const stored = await readKernels(path);
  const manifest = (await RunDirectory.read(path))?.manifest;
  const { model, versions, ...runtime } = (manifest?.environment ?? {}) as Partial<
    KernelMaker & RuntimeRecord
  >;
  return {
    ...stored,
    identity: manifest?.kernel ?? {},
    runtime: manifest?.environment && (runtime as RuntimeRecord),
    maker: model !== undefined && versions ? { model, versions } : undefined,
  };
};
