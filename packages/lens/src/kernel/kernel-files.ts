import { encodeNpy, type KernelSplit, type PerSplit, type SplitName, splitNames } from '@ntk-lens/core';
import type { LinearProbe } from '@ntk-lens/solvers';
import { blockFiles } from './block-files.js';
import type { StoredKernel } from './kernel.js';

/** File names of a split's kernels (docs/formats.md). */
export const splitFileNames = (split: SplitName) => ({
  kernel: `${split}.npy`,
  flipped: `${split}_flipped.npy`,
  logits: `${split}_logits.npy`,
  labels: `${split}_labels.npy`,
});

/** The arrays of a split; kernels of another program can come without logits. */
type SplitArrays = Omit<KernelSplit, 'logits'> & Partial<Pick<KernelSplit, 'logits'>>;

const splitFiles = (
  split: SplitName,
  { kernel, flipped, logits, labels }: SplitArrays,
): Record<string, Uint8Array> => {
  const names = splitFileNames(split);
  return {
    [names.kernel]: encodeNpy(kernel),
    ...(flipped && { [names.flipped]: encodeNpy(flipped) }),
    ...(logits && { [names.logits]: encodeNpy(logits) }),
    [names.labels]: encodeNpy(labels),
  };
};

/** The input of {@link kernelFiles}: a kernel, or the parts of one that exist. */
export interface KernelArrays extends Pick<StoredKernel, 'blocks' | 'head'> {
  readonly splits: Partial<PerSplit<SplitArrays>>;
}

/**
 * The files of a kernel by name, ready to be written (docs/formats.md): `<split>.npy` float64
 * `[train, C, query, C]`, with the files `_flipped`, `_logits` and `_labels`, those of its parts, and the
 * head that was fitted.
 *
 * @example
 * ```ts
 * for (const [name, bytes] of Object.entries(kernelFiles(kernel))) download(name, new Blob([bytes]));
 * ```
 */
export const kernelFiles = ({ splits, blocks, head }: KernelArrays): Record<string, Uint8Array> =>
  Object.assign(
    blocks ? blockFiles(blocks) : {},
    ...splitNames.map((split) => splits[split] && splitFiles(split, splits[split])),
    head && headFiles(head),
  );

/** The files of a head that was fitted. */
export const headFiles = ({ weights, bias }: LinearProbe): Record<string, Uint8Array> => ({
  'head_weights.npy': encodeNpy(weights),
  'head_bias.npy': encodeNpy(bias),
});
