import { join, resolve } from 'node:path';
import {
  BadArgumentError,
  type KernelSplit,
  makeDirectory,
  type NDArray,
  ndarray,
  splitNames,
} from '@ntk-lens/core';
import { loadKernel, torchFileName } from '@ntk-lens/lens/stored';
import { MissingFlippedKernelError } from '@ntk-lens/solvers';
import type { Conversion } from './convert-from-torch.js';

export interface ToTorchOptions {
  readonly out: string;
  /** Default: the task of the manifest, in lower case as LM-Kernel-FT spells it. */
  readonly task?: string;
}

/** `[2, train, C, query, C]`: the kernel, then the flipped one, as LM-Kernel-FT stacks them. */
const stacked = ({ kernel, flipped }: KernelSplit): NDArray<'float64'> => {
  if (!flipped) return kernel;
  const data = new Float64Array(2 * kernel.data.length);
  data.set(kernel.data);
  data.set(flipped.data, kernel.data.length);
  return ndarray<'float64'>(data, [2, ...kernel.shape]);
};

/** Label indices, or ±1 as float32 where there is one output, as LM-Kernel-FT keeps them. */
const targetsOf = ({ kernel, labels }: KernelSplit): NDArray =>
  kernel.shape[1] === 1
    ? ndarray<'float32'>(
        Float32Array.from(labels.data, (label) => 2 * label - 1),
        labels.shape,
      )
    : labels;

/**
 * Stored kernels as torch files under the names of LM-Kernel-FT, for `torch.load` and its `--load_kernels`:
 * `<split>_kernels_<task>.pt` with `(kernel, labels)` and `<split>_logits_<task>.pt` with `(logits, labels)`.
 * Kernels are float64, logits float32; labels int64, or ±1 float32 with one output.
 *
 * @param path a run directory or other directory that `solve` takes
 * @throws NoKernelsError, DamagedRunError; BadArgumentError when no task is known; MissingFlippedKernelError
 */
export const convertToTorch = async (
  path: string,
  { out, task: asked }: ToTorchOptions,
): Promise<Conversion> => {
  const { splits, hasLogits, identity } = await loadKernel(path);
  const stored = identity['task'];
  const task = (asked ?? (typeof stored === 'string' ? stored : undefined))?.toLowerCase();
  if (task === undefined || !/^[\w.-]+$/.test(task)) {
    throw new BadArgumentError('--task', task ?? 'none', 'a name for the files, such as sst-2');
  }
  const flipped = splitNames.filter((split) => splits[split].flipped !== undefined).length;
  if (flipped % splitNames.length > 0) throw new MissingFlippedKernelError();
  const { writeTorchFile } = await import('@ntk-lens/checkpoints');
  await makeDirectory(out);
  const files: string[] = [];
  const write = async (name: string, pair: readonly [NDArray, NDArray]): Promise<void> => {
    await writeTorchFile(join(out, name), pair);
    files.push(name);
  };
  for (const split of splitNames) {
    const own = splits[split];
    await write(torchFileName(split, 'kernels', task), [stacked(own), targetsOf(own)]);
    if (!hasLogits) continue;
    const logits = ndarray<'float32'>(Float32Array.from(own.logits.data), own.logits.shape);
    await write(torchFileName(split, 'logits', task), [logits, targetsOf(own)]);
  }
  return {
    directory: resolve(out),
    task,
    splits: Object.fromEntries(splitNames.map((split) => [split, splits[split].kernel.shape])),
    flipped: flipped > 0,
    logits: hasLogits,
    files,
  };
};
