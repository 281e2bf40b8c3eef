import { BLOCK_BYTES, type NDArray, type PerSplit, type RowSource, splitNames } from '@ntk-lens/core';
import { LargeKernelError } from '../errors.js';
import type { StoredKernel } from './kernel.js';

/** Kernels of one split whose rows stay on the disk until they are needed. */
export interface LargeSplit {
  /** `[train · C, query · C]`. */
  readonly kernel: RowSource;
  /** `[train, C, query, C]`. */
  readonly shape: readonly number[];
  /** There is a second array, of an asymmetric formula. */
  readonly asymmetric: boolean;
  /** f(·; θ₀), float64 `[query, C]`; zeros where they are not known. */
  readonly logits: NDArray<'float64'>;
  /** Label indices, int32 `[query]`. */
  readonly labels: NDArray<'int32'>;
}

/** A kernel in a directory that is larger than the memory which it may take. */
export interface LargeKernel extends Omit<StoredKernel, 'splits' | 'blocks' | 'head'> {
  readonly splits: PerSplit<LargeSplit>;
  /** Bytes that it may take. */
  readonly memory: number;
}

/** Budget of stored kernels, in bytes, where nobody says otherwise. */
const DEFAULT_BUDGET = 4 * 2 ** 30;

/**
 * True for arrays that are too large for a budget, in bytes. Whoever works with a kernel in memory has it there about twice, as a
 * symmetric part, a factor or a picture.
 *
 * @param bytes size of the arrays of all splits
 */
export const exceedsMemory = (bytes: number, memory = DEFAULT_BUDGET): boolean => 2 * bytes > memory;

/** Bytes of the program, and of vectors of a number for each (example, logit): those of a Nyström approximation and of iterations. */
const FIXED_BYTES = 256 * 2 ** 20;
const VECTORS = 160;
const LEAST_BLOCK = 2 ** 22;

/**
 * Bytes of rows that are in memory at once while a kernel is solved or shown.
 *
 * @throws LargeKernelError for a budget that does not hold the vectors of a solver
 */
export const blockBytesOf = (splits: PerSplit<Pick<LargeSplit, 'kernel'>>, memory: number): number => {
  const rows = splits.train.kernel.shape[0];
  const widest = splitNames.reduce((most, split) => Math.max(most, splits[split].kernel.shape[1]), 0);
  const vectors = FIXED_BYTES + 8 * VECTORS * rows;
  const least = Math.max(LEAST_BLOCK, 8 * widest);
  if (memory < vectors + least) throw LargeKernelError.budget(memory, vectors + least);
  return Math.max(least, Math.min(BLOCK_BYTES, Math.floor((memory - vectors) / 4)));
};

/**
 * Refuses a kernel of an asymmetric formula, which no iteration solves.
 *
 * @throws LargeKernelError
 */
export const refuseAsymmetric = (kernel: Pick<LargeKernel, 'splits' | 'memory'>): void => {
  if (kernel.splits.train.asymmetric)
    throw LargeKernelError.needs(
      'the solver `asym`, which kernels of asymmetric formulas need,',
      bytesOf(kernel.splits),
      kernel.memory,
    );
};

/** Bytes of all arrays of kernels. */
export const bytesOf = (splits: PerSplit<Pick<LargeSplit, 'kernel' | 'asymmetric'>>): number =>
  splitNames.reduce((sum, split) => {
    const { kernel, asymmetric } = splits[split];
    return sum + 8 * kernel.shape[0] * kernel.shape[1] * (asymmetric ? 2 : 1);
  }, 0);
