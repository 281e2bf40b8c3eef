import { type Kernel, type LargeKernel, loadKernel, openLargeKernel } from '@ntk-lens/lens/stored';
import type { Section } from '@ntk-lens/report/page';
import type { KernelNames } from '../figures.js';
import { inSections, kernelSections, type ShownExamples } from './kernel-parts.js';
import { largeKernelParts } from './large-kernel.js';
import { type Nearest, nearestOf } from './nearest.js';

/** View of a kernel for a report, wherever its arrays are. */
export interface KernelView {
  /** @param most most rows and columns of a heat map; more are averaged */
  sections(most?: number): Promise<readonly Section[]>;
  /** For each test example the training examples that are nearest to it. */
  nearest(): Promise<readonly Nearest[]>;
}

/**
 * The kernel of a directory: in memory, or read by rows where it is larger than a budget, in bytes.
 *
 * @throws what `loadKernel` throws
 */
export const openKernel = async (path: string, memory: number | undefined): Promise<Kernel | LargeKernel> =>
  (await openLargeKernel(path, memory)) ?? loadKernel(path);

const isLarge = (kernel: Kernel | LargeKernel): kernel is LargeKernel => 'memory' in kernel;

export const kernelView = (stored: Kernel | LargeKernel, names: KernelNames & ShownExamples): KernelView => {
  if (isLarge(stored)) {
    const { map, spectrum, nearest } = largeKernelParts(stored, names);
    return {
      sections: async (most = 512) =>
        inSections(await map('test', most), await spectrum(), await map('train', most)),
      nearest,
    };
  }
  const kernel = { ...names, splits: stored.splits };
  return { sections: (most) => kernelSections(kernel, most), nearest: async () => nearestOf(kernel) };
};
