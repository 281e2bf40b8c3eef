import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeNpy,
  type NpyRows,
  namesIn,
  openNpyRows,
  type PerSplit,
  perSplit,
  readIfThere,
  type SplitName,
  splitNames,
  toFloat64,
  zeros,
} from '@ntk-lens/core';
import type { KernelMaker } from '../../kernel/kernel.js';
import { splitFileNames } from '../../kernel/kernel-files.js';
import { exceedsMemory, type LargeKernel, type LargeSplit } from '../../kernel/large-kernel.js';
import type { RuntimeRecord } from '../../kernel/runtime-record.js';
import { NoKernelsError } from './errors.js';
import { refuseUnfinishedOld } from './old-version.js';
import { toInt32 } from './read-kernels.js';
import { RunDirectory } from './run-directory.js';

/** Bytes of the kernels' files in a directory; 0 for what it does not have. */
const storedBytes = async (path: string): Promise<number> => {
  let bytes = 0;
  for (const split of splitNames)
    for (const name of [splitFileNames(split).kernel, splitFileNames(split).flipped])
      bytes += await stat(join(path, name)).then(
        ({ size }) => size,
        () => 0,
      );
  return bytes;
};

/**
 * Opens the kernel of a directory if it is too large for a budget (`exceedsMemory`): its rows stay on the disk, and everything
 * else is read. The sums of its files are verified where its manifest has them.
 *
 * @param memory bytes. Default: 4 GiB
 * @returns undefined for a kernel that `loadKernel` can read within the budget
 * @example
 * ```ts
 * const large = await openLargeKernel('runs/large', 2 ** 30);
 * const { test } = large ? await solveLargeKernel(large) : await solveKernel(await loadKernel('runs/large'));
 * ```
 * @throws NoKernelsError, DamagedRunError, NpyFormatError; RunVersionError for unfinished kernels of an earlier version;
 *   LabelOrderError for a task whose order of labels changed since
 */
export const openLargeKernel = async (
  path: string,
  memory = 4 * 2 ** 30,
): Promise<LargeKernel | undefined> => {
  if (!exceedsMemory(await storedBytes(path), memory)) return undefined;
  const directory = await RunDirectory.read(path);
  const present = await namesIn(path);
  const has = (name: string) => directory?.has(name) ?? present.includes(name);
  const need = (name: string): void => {
    if (has(name)) return;
    if (directory !== undefined) refuseUnfinishedOld(path, directory.manifest);
    throw new NoKernelsError(path, name, present);
  };
  const rowsOf = (name: string): Promise<NpyRows> => {
    need(name);
    return directory ? directory.rows(name) : openNpyRows(join(path, name));
  };
  const arrayOf = async (name: string) => {
    need(name);
    return decodeNpy((await (directory ? directory.read(name) : readIfThere(join(path, name))))!);
  };
  let hasLogits = true;
  const split = async (name: SplitName): Promise<LargeSplit> => {
    const names = splitFileNames(name);
    const kernel = await rowsOf(names.kernel);
    const shape = kernel.arrayShape;
    if (!has(names.logits)) hasLogits = false;
    return {
      ...{ kernel, shape, asymmetric: has(names.flipped) },
      labels: toInt32(await arrayOf(names.labels)),
      logits: has(names.logits)
        ? toFloat64(await arrayOf(names.logits))
        : zeros('float64', [shape[2] ?? 0, shape[3] ?? 0]),
    };
  };
  const opened: Partial<Record<SplitName, LargeSplit>> = {};
  for (const name of splitNames) opened[name] = await split(name);
  const { model, versions, ...runtime } = (directory?.manifest.environment ?? {}) as Partial<
    KernelMaker & RuntimeRecord
  >;
  return {
    splits: perSplit((name) => opened[name]!) as PerSplit<LargeSplit>,
    ...{ hasLogits, memory, identity: directory?.manifest.kernel ?? {} },
    runtime: directory?.manifest.environment && (runtime as RuntimeRecord),
    maker: model !== undefined && versions ? { model, versions } : undefined,
  };
};
