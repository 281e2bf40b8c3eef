import { type NDArray, type PerSplit, perSplit } from '@ntk-lens/core';
import type { SplitKernels } from '@ntk-lens/kernels';
import type { BlockKernels } from './kernel.js';

const added = (arrays: readonly NDArray<'float64'>[]): NDArray<'float64'> => {
  const [first, ...rest] = arrays;
  if (!first) throw new Error('computeKernelBlocks left no block');
  const data = first.data.slice();
  for (const array of rest) for (let i = 0; i < data.length; i++) data[i]! += array.data[i]!;
  return { ...first, data };
};

/** The whole of parts that add up; logits are the same in each. */
export const sumOf = (parts: readonly PerSplit<SplitKernels>[]): PerSplit<SplitKernels> =>
  perSplit((split) => {
    const own = parts.map((part) => part[split]);
    const flipped = own.flatMap((part) => part.flipped ?? []);
    return {
      kernel: added(own.map(({ kernel }) => kernel)),
      flipped: flipped.length > 0 ? added(flipped) : undefined,
      logits: own[0]!.logits,
    };
  });

/** A part without the logits, which are those of the whole. */
export const withoutLogits = (splits: PerSplit<SplitKernels>): BlockKernels =>
  perSplit((split) => ({ kernel: splits[split].kernel, flipped: splits[split].flipped }));
