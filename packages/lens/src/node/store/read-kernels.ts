import { join } from 'node:path';
import {
  BadArgumentError,
  decodeNpy,
  isError,
  type KernelSplit,
  type NDArray,
  NpyFormatError,
  namesIn,
  readIfThere,
  type SplitName,
  splitNames,
  toFloat64,
  zeros,
} from '@ntk-lens/core';
import type { KernelSplits } from '../../kernel/kernel.js';
import { splitFileNames } from '../../kernel/kernel-files.js';
import { NoKernelsError } from './errors.js';
import { refuseUnfinishedOld } from './old-version.js';
import { RunDirectory } from './run-directory.js';
import { readTorchKernels, torchFilesIn } from './torch-kernels.js';

/** True when a run directory has all kernels of all splits. */
export const hasKernels = (directory: RunDirectory): boolean =>
  splitNames.every((split) => {
    const { kernel, logits, labels } = splitFileNames(split);
    return [kernel, logits, labels].every((name) => directory.has(name));
  });

export interface StoredKernels {
  readonly splits: KernelSplits;
  /** False for foreign kernels without logits: the splits then have zeros, and there is no zero-shot result. */
  readonly hasLogits: boolean;
}

/**
 * Reads kernels from a run directory of any version (checked against its manifest) or from any directory with the same
 * file names, such as the authors' converted kernels.
 *
 * @throws NoKernelsError, DamagedRunError, NpyFormatError; RunVersionError for unfinished kernels of an earlier version;
 *   LabelOrderError for a task whose order of labels changed since
 */
export const readKernels = async (path: string): Promise<StoredKernels> => {
  const directory = await RunDirectory.read(path);
  const present = await namesIn(path);
  const read = async (name: string): Promise<NDArray | undefined> => {
    const has = directory?.has(name) ?? present.includes(name);
    const file = join(path, name);
    const bytes = has ? await (directory ? directory.read(name) : readIfThere(file)) : undefined;
    try {
      return bytes && decodeNpy(bytes);
    } catch (error) {
      throw isError(error, NpyFormatError) ? error.in(file) : error;
    }
  };
  const need = async (name: string): Promise<NDArray> => {
    const array = await read(name);
    if (array !== undefined) return array;
    if (directory !== undefined) refuseUnfinishedOld(path, directory.manifest);
    throw new NoKernelsError(path, name, present);
  };
  if (directory === undefined && !present.includes('train.npy')) {
    const files = await torchFilesIn(path);
    if (files.length > 0) return fromTorch(path, files, present);
  }
  let hasLogits = true;
  const entries: [SplitName, KernelSplit][] = [];
  for (const split of splitNames) {
    const names = splitFileNames(split);
    const kernel = toFloat64(await need(names.kernel));
    const labels = toInt32(await need(names.labels));
    const flipped = await read(names.flipped);
    const logits = await read(names.logits);
    if (logits === undefined) hasLogits = false;
    const shape = [kernel.shape[2] ?? 0, kernel.shape[3] ?? 0];
    entries.push([
      split,
      {
        kernel,
        labels,
        logits: logits ? toFloat64(logits) : zeros('float64', shape),
        flipped: flipped && toFloat64(flipped),
      },
    ]);
  }
  return { splits: Object.fromEntries(entries) as unknown as KernelSplits, hasLogits };
};

const fromTorch = async (
  path: string,
  files: readonly string[],
  present: readonly string[],
): Promise<StoredKernels> => {
  const { splits, task } = await readTorchKernels(files);
  let hasLogits = true;
  const entries = splitNames.map((split) => {
    const own = splits[split];
    if (!own) throw new NoKernelsError(path, `${split}_kernels_${task}.pt`, present);
    const shape = [own.kernel.shape[2]!, own.kernel.shape[3]!];
    if (!own.logits) hasLogits = false;
    return [split, { ...own, logits: own.logits ?? zeros('float64', shape) }] as const;
  });
  return { splits: Object.fromEntries(entries) as unknown as KernelSplits, hasLogits };
};

/** @throws BadArgumentError for labels that are no indices */
export const toInt32 = ({ data, shape }: NDArray): NDArray<'int32'> => {
  const wrong = data.find((value) => !Number.isInteger(value));
  if (wrong !== undefined)
    throw new BadArgumentError('labels', wrong, 'indices of labels, whole numbers from 0');
  return { dtype: 'int32', shape, data: Int32Array.from(data) };
};
