import { pairKernel } from '../figures.js';
import type { ShownKernel } from './kernel-parts.js';

/** Training examples that are shown next to an example. */
export const NEAREST = 3;

/** Training examples with their similarity, relative to that of the nearest. */
export type Nearest = readonly (readonly [number, number])[];

/** For each query the training examples whose gradients make the smallest angles with its own, the nearest first. */
export const nearestOf = ({ splits }: Pick<ShownKernel, 'splits'>): readonly Nearest[] => {
  const own = pairKernel(splits.train.kernel);
  const cross = pairKernel(splits.test.kernel);
  const [n, m] = cross.shape as [number, number];
  const norms = Array.from({ length: n }, (_, i) => Math.sqrt(Math.max(0, own.data[i * n + i]!)) || 1);
  return Array.from({ length: m }, (_, j) => {
    const scores = norms.map((norm, i) => [i, cross.data[i * m + j]! / norm] as const);
    const best = scores.sort((a, b) => b[1] - a[1]).slice(0, NEAREST);
    const most = Math.abs(best[0]?.[1] ?? 0) || 1;
    return best.map(([i, score]) => [i, score / most] as const);
  });
};
