import { encodeNpy, splitNames } from '@ntk-lens/core';
import type { KernelBlocks } from './kernel.js';
import type { BlockLevel } from './kernel-options.js';

/** Folder of per-layer or per-parameter kernels. */
export const blocksName = 'blocks';

/** `blocks/layers.json`, `blocks/parameters.json`: both can be in one directory. */
export const blockIndexName = (level: BlockLevel): string => `${blocksName}/${level}s.json`;

/** Content of an index: which file holds which part of the kernel. */
export interface BlockIndex {
  readonly format: 'ntk-lens-blocks';
  readonly version: 1;
  readonly level: BlockLevel;
  /** From the head to the embeddings; `files` by split, `<split>_flipped` for asymmetric formulas, relative to `blocks/`. */
  readonly blocks: readonly { readonly name: string; readonly files: Readonly<Record<string, string>> }[];
}

/** The files of the kernels' parts: `blocks/<name>.<split>.npy` and their index. */
export const blockFiles = ({ level, parts }: KernelBlocks): Record<string, Uint8Array> => {
  const files: Record<string, Uint8Array> = {};
  const index: BlockIndex['blocks'] = Object.entries(parts).map(([name, splits]) => {
    const own: Record<string, string> = {};
    for (const split of splitNames) {
      const { kernel, flipped } = splits[split];
      for (const [key, array] of [
        [split, kernel],
        [`${split}_flipped`, flipped],
      ] as const) {
        if (!array) continue;
        own[key] = `${name.replace(/[^\w.-]/g, '_')}.${key}.npy`;
        files[`${blocksName}/${own[key]}`] = encodeNpy(array);
      }
    }
    return { name, files: own };
  });
  const content: BlockIndex = { format: 'ntk-lens-blocks', version: 1, level, blocks: index };
  files[blockIndexName(level)] = new TextEncoder().encode(`${JSON.stringify(content, undefined, 2)}\n`);
  return files;
};
