import type { KernelFormula } from './formula.js';
import { sgd } from './sgd.js';

/**
 * The SGD kernel of gradients of length one, K(ξ, ξ') / √(K(ξ, ξ) K(ξ', ξ')) per example and logit, and 0 where a norm
 * is 0 (docs/theory.md, Kernels). Choose it to compare directions of gradients whatever their lengths, as influence
 * scores do, and where examples with large gradients would drown the others. Kernels of parts of the network are
 * normalized by their own parts, so they do not add up to the whole.
 *
 * @example
 * ```ts
 * const { train } = await computeKernels({ ...request, formula: 'cosine' }); // ones on the diagonal
 * ```
 */
export const cosine = {
  ...sgd,
  name: 'cosine',
  title: 'Cosine',
  purpose: 'to compare directions of gradients, whatever their lengths',
  finish: (kernel, rows, columns) => {
    const inverse = (squares: ArrayLike<number>) =>
      Float64Array.from(squares, (square) => (square > 0 ? 1 / Math.sqrt(square) : 0));
    const [left, right] = [inverse(rows), inverse(columns)];
    const { data } = kernel;
    // The product of both factors first: rounding keeps a symmetric kernel symmetric.
    for (const [i, x] of left.entries())
      for (const [j, y] of right.entries()) data[i * right.length + j]! *= x * y;
    return kernel;
  },
} as const satisfies KernelFormula;
