import { type LongTaskOptions, Mt19937, type RowSource, rowBlocks, throwIfCancelled } from '@ntk-lens/core';
import { AsymmetricKernelError, KernelRangeError, NonFiniteKernelError } from '../errors.js';
import { dot } from '../linalg/products.js';
import { normalVector } from '../operators/nystrom.js';

/** Difference of K v and Kᵀ v, relative to their sizes, that counts as rounding: kernels are sums of float32 products. */
const ROUNDING = 1e-5;
const limit = 1e100;

export interface CheckStoredOptions extends LongTaskOptions {
  readonly blockBytes?: number;
}

/**
 * Checks a train kernel that is larger than memory in one pass over it, as solvers check one in memory. Numbers are finite and in
 * range, and products with a random vector from both sides show that it is symmetric.
 *
 * @param kernel `[N · C, N · C]`
 * @throws NonFiniteKernelError, KernelRangeError, AsymmetricKernelError; CancelledError
 */
export const checkStoredKernel = async (
  kernel: RowSource,
  { blockBytes, signal, onProgress }: CheckStoredOptions = {},
): Promise<void> => {
  const [size, columns] = kernel.shape;
  const v = normalVector(new Mt19937(0), size);
  const right = new Float64Array(size);
  const left = new Float64Array(size);
  let largest = 0;
  for await (const { from, count, data } of rowBlocks(kernel, blockBytes)) {
    throwIfCancelled(signal, 'The check of the kernel');
    onProgress?.({ phase: 'check of the kernel', done: from, total: size, unit: 'rows' });
    for (let i = 0; i < count; i++) {
      const row = i * columns;
      const own = v[from + i]!;
      for (let j = 0; j < columns; j++) {
        const value = data[row + j]!;
        const magnitude = Math.abs(value);
        if (!(magnitude <= Number.MAX_VALUE))
          throw new NonFiniteKernelError('train kernel', [from + i, j], value);
        if (magnitude > largest) largest = magnitude;
        left[j]! += own * value;
      }
      right[from + i] = dot(data, row, v, 0, columns);
    }
  }
  if (largest > limit || largest < 1 / limit) throw new KernelRangeError('train kernel', largest);
  const scale = Math.sqrt(right.reduce((sum, x) => sum + x * x, 0) / size);
  let worst = 0;
  for (let i = 0; i < size; i++)
    if (Math.abs(right[i]! - left[i]!) > Math.abs(right[worst]! - left[worst]!)) worst = i;
  if (Math.abs(right[worst]! - left[worst]!) > ROUNDING * Math.max(scale, largest))
    throw await asymmetryIn(kernel, worst, largest, blockBytes);
};

/** The entry of a row that differs most from its mirror image. */
const asymmetryIn = async (
  kernel: RowSource,
  row: number,
  scale: number,
  blockBytes: number | undefined,
): Promise<AsymmetricKernelError> => {
  const own = (await kernel.read(row, 1)).slice();
  let [column, difference] = [row, 0];
  for await (const { from, count, data } of rowBlocks(kernel, blockBytes))
    for (let i = 0; i < count; i++) {
      const found = Math.abs(data[i * own.length + row]! - own[from + i]!);
      if (found > difference) [column, difference] = [from + i, found];
    }
  return new AsymmetricKernelError(row, column, difference, scale);
};
