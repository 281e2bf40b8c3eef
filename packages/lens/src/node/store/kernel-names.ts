import type { SplitName } from '@ntk-lens/core';

export const splitNames: readonly SplitName[] = ['train', 'dev', 'test'];

/** File names of a split's kernels (docs/formats.md). */
export const splitFileNames = (split: SplitName) => ({
  kernel: `${split}.npy`,
  flipped: `${split}_flipped.npy`,
  logits: `${split}_logits.npy`,
  labels: `${split}_labels.npy`,
});
