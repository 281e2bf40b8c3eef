import { encodeNpy, type KernelSplit, type SplitName } from '@ntk-lens/core';
import { splitNames } from '../task/lens-task.js';
import { blockFiles } from './block-files.js';
import type { KernelSplits, StoredKernel } from './kernel.js';

/** @internal File names of a split's kernels (docs/formats.md). */
export const splitFileNames = (split: SplitName) => ({
  kernel: `${split}.npy`,
  flipped: `${split}_flipped.npy`,
  logits: `${split}_logits.npy`,
  labels: `${split}_labels.npy`,
});

/** @internal The files of one split. */
export const splitFiles = (
  split: SplitName,
  { kernel, flipped, logits, labels }: KernelSplit,
): Record<string, Uint8Array> => {
  const names = splitFileNames(split);
  return {
    [names.kernel]: encodeNpy(kernel),
    ...(flipped && { [names.flipped]: encodeNpy(flipped) }),
    [names.logits]: encodeNpy(logits),
    [names.labels]: encodeNpy(labels),
  };
};

/** The files of a kernel's arrays by set. */
const arrayFiles = (splits: KernelSplits): Record<string, Uint8Array> =>
  Object.assign({}, ...splitNames.map((split) => splitFiles(split, splits[split])));

/**
 * The files of a kernel by name, ready to be written (docs/formats.md): `<split>.npy` float64 `[train, C, query, C]`, with
 * `_flipped`, `_logits` and `_labels` beside, those of its parts, and the head that was fitted.
 *
 * @example
 * ```ts
 * for (const [name, bytes] of Object.entries(kernelFiles(kernel))) download(name, new Blob([bytes]));
 * ```
 */
export const kernelFiles = ({ splits, blocks, head }: StoredKernel): Record<string, Uint8Array> => ({
  ...(blocks && blockFiles(blocks)),
  ...arrayFiles(splits),
  ...(head && { 'head_weights.npy': encodeNpy(head.weights), 'head_bias.npy': encodeNpy(head.bias) }),
});
