import { basename, join } from 'node:path';
import {
  type KernelSplit,
  type NDArray,
  namesIn,
  ndarray,
  type SplitName,
  sizeOf,
  toFloat64,
} from '@ntk-lens/core';
import { ForeignKernelsError } from './errors.js';

/** A split read from torch files; logits only where there was a file of them. */
export type TorchSplit = Omit<KernelSplit, 'logits'> & { readonly logits?: NDArray<'float64'> };

export interface TorchKernels {
  readonly splits: Readonly<Partial<Record<SplitName, TorchSplit>>>;
  /** From the file names, as LM-Kernel-FT spells it: `sst-2`. */
  readonly task: string | undefined;
}

/**
 * File names of LM-Kernel-FT.
 *
 * @example
 * ```ts
 * torchFileName('train', 'kernels', 'sst-2'); // 'train_kernels_sst-2.pt'
 * ```
 */
export const torchFileName = (split: SplitName, what: 'kernels' | 'logits', task: string): string =>
  `${split}_${what}_${task}.pt`;

const parsed = (file: string) => {
  const match = /^(train|dev|test)_(kernels|logits)_(.+)\.pt$/.exec(basename(file));
  return match && { split: match[1] as SplitName, what: match[2] as 'kernels' | 'logits', task: match[3]! };
};

/**
 * Paths of the torch files of LM-Kernel-FT in a directory; none where there is no directory.
 *
 * @example
 * ```ts
 * await torchFilesIn('kernels'); // ['kernels/dev_kernels_sst-2.pt', …]
 * ```
 */
export const torchFilesIn = async (directory: string): Promise<readonly string[]> => {
  return (await namesIn(directory))
    .filter((name) => parsed(name) !== null)
    .map((name) => join(directory, name));
};

/**
 * Reads kernels and logits that LM-Kernel-FT saved: torch files of `(kernel, labels)`, kernel
 * `[train, C, query, C]`, for A-SignGD `[2, train, C, query, C]` (the kernel, then the flipped one), and of
 * `(logits, labels)`. Nothing in the files is executed.
 *
 * @example
 * ```ts
 * const { splits, task } = await readTorchKernels(await torchFilesIn('kernels'));
 * splits.train?.kernel.shape; // [train, C, train, C]
 * ```
 * @param files paths; names say what they hold, except for a single file whose split is given
 * @throws ForeignKernelsError for contents or labels that do not fit, and files of different tasks;
 *   PickleRefusedError and what else `readTorchFile` throws
 */
export const readTorchKernels = async (
  files: readonly string[],
  given?: { readonly split: SplitName },
): Promise<TorchKernels> => {
  const named = files.map((file) => {
    const name = parsed(file) ?? (given && { split: given.split, what: 'kernels' as const, task: undefined });
    if (!name) {
      throw new ForeignKernelsError(
        file,
        'a name without a split',
        'a name such as train_kernels_sst-2.pt, or --split',
      );
    }
    return { file, ...name };
  });
  const tasks = [...new Set(named.flatMap(({ task }) => task ?? []))];
  if (tasks.length > 1) {
    throw new ForeignKernelsError(files[0]!, `files of ${tasks.join(' and ')} together`, 'files of one task');
  }
  const splits: Partial<Record<SplitName, TorchSplit>> = {};
  for (const { file, split } of named.filter(({ what }) => what === 'kernels')) {
    if (splits[split]) throw new ForeignKernelsError(file, `a second ${split} kernel`, 'one of each split');
    splits[split] = await readKernel(file);
  }
  for (const { file, split } of named.filter(({ what }) => what === 'logits')) {
    const own = splits[split];
    if (!own) continue;
    const [logits, targets] = await pair(file);
    const [, , queries = 0, outputs = 0] = own.kernel.shape;
    if (sizeOf(logits.shape) !== queries * outputs) {
      throw new ForeignKernelsError(
        file,
        `logits of shape [${logits.shape.join(', ')}]`,
        `[${queries}, ${outputs}] as in the kernel of the same directory`,
      );
    }
    const labels = labelsOf(file, targets, outputs, queries);
    if (labels.some((label, i) => label !== own.labels.data[i])) {
      throw new ForeignKernelsError(file, 'other labels than the kernel', 'files of one run');
    }
    splits[split] = { ...own, logits: toFloat64({ ...logits, shape: [queries, outputs] }) };
  }
  return { splits, task: tasks[0] };
};

const isArray = (value: unknown): value is NDArray =>
  typeof value === 'object' && value !== null && 'dtype' in value && 'shape' in value;

const pair = async (file: string): Promise<readonly [NDArray, NDArray]> => {
  const { readTorchFile } = await import('@ntk-lens/checkpoints');
  const value = await readTorchFile(file);
  if (Array.isArray(value) && value.length === 2 && isArray(value[0]) && isArray(value[1])) {
    return [value[0], value[1]];
  }
  const found = isArray(value)
    ? 'one tensor'
    : Array.isArray(value)
      ? `${value.length} values`
      : typeof value;
  throw new ForeignKernelsError(file, found, 'a pair of tensors, (kernel, labels)');
};

const readKernel = async (file: string): Promise<TorchSplit> => {
  const [stored, targets] = await pair(file);
  const { shape } = stored;
  const stacked = shape.length === 5 && shape[0] === 2;
  const own = stacked ? shape.slice(1) : shape;
  const [, outputs = 0, queries = 0, last = 0] = own;
  if (own.length !== 4 || outputs !== last || outputs === 0) {
    throw new ForeignKernelsError(
      file,
      `a kernel of shape [${shape.join(', ')}]`,
      '[train, C, query, C], or [2, train, C, query, C] for A-SignGD',
    );
  }
  const size = sizeOf(own);
  const { data } = toFloat64(stored);
  const part = (from: number) => ndarray<'float64'>(data.slice(from, from + size), own);
  const labels = labelsOf(file, targets, outputs, queries);
  return {
    kernel: part(0),
    ...(stacked && { flipped: part(size) }),
    labels: ndarray<'int32'>(labels, [queries]),
  };
};

/** Label indices: stored as they are, or ±1 where there is one output (binary mode). */
const labelsOf = (file: string, { data, shape }: NDArray, outputs: number, queries: number): Int32Array => {
  if (data.length !== queries) {
    throw new ForeignKernelsError(file, `labels of shape [${shape.join(', ')}]`, `[${queries}]`);
  }
  const values = Array.from(data, Number);
  // A single class of ones is +1: the reference stores ±1.
  const signs = outputs === 1 && values.every((value) => value === 1 || value === -1);
  const labels = signs ? values.map((value) => (value + 1) / 2) : values;
  const most = Math.max(2, outputs) - 1;
  const bad = labels.find((label) => !(Number.isInteger(label) && label >= 0 && label <= most));
  if (bad !== undefined) {
    throw new ForeignKernelsError(
      file,
      `label ${bad}`,
      outputs === 1 ? '−1 and 1, or 0 and 1' : `0 to ${most}`,
    );
  }
  return Int32Array.from(labels);
};
