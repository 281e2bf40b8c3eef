import { join } from 'node:path';
import {
  type Append,
  encodeNpy,
  type NDArray,
  npyHeader,
  openNpyRows,
  perSplit,
  type RowSource,
  rowBlocks,
  type SplitName,
  splitNames,
  throwIfCancelled,
} from '@ntk-lens/core';
import type { KernelMaker } from '../kernel/kernel.js';
import { headFiles, splitFileNames } from '../kernel/kernel-files.js';
import type { RuntimeRecord } from '../kernel/runtime-record.js';
import type { FinishedRows, KernelRowFiles } from '../session/platform.js';
import { rethrowDiskFull } from './store/errors.js';
import { hasKernels } from './store/read-kernels.js';
import type { RunDirectory, StoredContent } from './store/run-directory.js';

/**
 * Files of kernels in a run directory that are written row by row.
 *
 * @param removeTiles called when all of them are there
 */
export const rowFiles = (directory: RunDirectory, removeTiles: () => Promise<void>): KernelRowFiles => ({
  known: async () => {
    const { environment } = directory.manifest;
    if (!hasKernels(directory) || environment === undefined) return undefined;
    const { model: _, versions: __, ...runtime } = environment as unknown as KernelMaker & RuntimeRecord;
    const shapes: Partial<Record<SplitName, readonly number[]>> = {};
    for (const split of splitNames) {
      const { arrayShape } = await openNpyRows(join(directory.path, splitFileNames(split).kernel));
      shapes[split] = arrayShape;
    }
    await removeTiles();
    return { runtime, shapes: perSplit((split) => shapes[split]!) };
  },
  finish: async (kernel) => {
    try {
      await directory.finish(filesOf(kernel), { ...kernel.runtime, ...kernel.maker });
    } catch (error) {
      rethrowDiskFull(directory.path, error);
    }
    await removeTiles();
  },
});

/** The files of `kernelFiles`, in its order. */
const filesOf = ({ splits, blockBytes, head, ...long }: FinishedRows): Record<string, StoredContent> => {
  const files: Record<string, StoredContent> = {};
  const writing =
    (name: string, rows: RowSource, shape: readonly number[]) =>
    async (append: Append): Promise<void> => {
      await append(npyHeader('float64', shape));
      for await (const { from, data } of rowBlocks(rows, blockBytes, shape[1])) {
        long.onProgress?.({ phase: `writing ${name}`, done: from, total: rows.shape[0], unit: 'rows' });
        throwIfCancelled(long.signal, 'The kernel computation');
        await append(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
    };
  const encoded = (array: NDArray): StoredContent => encodeNpy(array);
  for (const split of splitNames) {
    const names = splitFileNames(split);
    const { kernel, flipped, shape, logits, labels } = splits[split];
    files[names.kernel] = writing(names.kernel, kernel, shape);
    if (flipped) files[names.flipped] = writing(names.flipped, flipped, shape);
    files[names.logits] = encoded(logits);
    files[names.labels] = encoded(labels);
  }
  return { ...files, ...(head && headFiles(head)) };
};
