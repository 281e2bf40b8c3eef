import { lockedDirectory } from '@ntk-lens/core';
import type { Kernel, StoredKernel } from '../kernel/kernel.js';
import { openKernelStore, storedKernel } from './kernel-store.js';

/** Writes a kernel to a directory; `Kernel.save`. */
export const saveKernel = async (kernel: StoredKernel, directory: string, replace: boolean): Promise<void> =>
  lockedDirectory(directory, async () =>
    (await openKernelStore(directory, kernel.identity, replace)).finish(kernel),
  );

/**
 * Reads a kernel that `kernel.save`, `lens.kernel` with a directory or `ntk-lens kernel --out` wrote, or the authors' program,
 * LM-Kernel-FT. It can be solved again without a model.
 *
 * @example
 * ```ts
 * const kernel = await loadKernel('kernels/sgd');
 * const { test } = await solveKernel(kernel, { solver: 'svc' });
 * ```
 * @throws NoKernelsError, DamagedRunError, NpyFormatError; RunVersionError for unfinished kernels of an earlier version;
 *   LabelOrderError for a task whose order of labels changed since
 */
export const loadKernel = async (directory: string): Promise<Kernel> => {
  const stored = await storedKernel(directory);
  return {
    ...stored,
    reused: true,
    save: (path, { replace = false } = {}) => saveKernel(stored, path, replace),
  };
};
