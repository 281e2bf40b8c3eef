import { BadArgumentError, type NDArray, sameShape } from '@ntk-lens/core';

/** The distance of a kernel from another, up to a factor. */
export interface KernelDistance {
  /** s that minimizes ‖s·K_sub − K‖: kernel regression does not see it (except through the ridge). */
  readonly scale: number;
  /** ‖s·K_sub − K‖ / ‖K‖, Frobenius: sin of the angle between the kernels. */
  readonly relative: number;
  /** ⟨K_sub, K⟩ / (‖K_sub‖ ‖K‖). */
  readonly cosine: number;
  /**
   * Largest |s·K_sub(i,j) − K(i,j)| / √(K(i,i) K(j,j)), the ε of the Johnson–Lindenstrauss bound. It exists
   * only for kernels of examples against themselves.
   */
  readonly worst?: number;
}

/**
 * Distance of a subspace's kernel to the full one, up to the optimal scale (docs/theory.md, LoRA).
 *
 * @example
 * ```ts
 * const { relative, scale } = kernelDistance(ofLora.train.kernel, ofAll.train.kernel);
 * ```
 * @param sub `[N, C, M, C]`
 * @param full the kernel over all parameters, of the same shape
 * @throws BadArgumentError for other shapes, or a kernel that is zero
 */
export const kernelDistance = (sub: NDArray, full: NDArray): KernelDistance => {
  if (!sameShape(sub.shape, full.shape))
    throw new BadArgumentError('kernels', `shapes [${sub.shape}] and [${full.shape}]`, 'equal shapes');
  let [ss, sf, ff] = [0, 0, 0];
  for (const [i, y] of full.data.entries()) {
    const x = sub.data[i]!;
    ss += x * x;
    sf += x * y;
    ff += y * y;
  }
  if (!(ss > 0 && ff > 0)) throw new BadArgumentError('kernels', 'one that is zero', 'non-zero kernels');
  const scale = sf / ss;
  let difference = 0;
  for (const [i, y] of full.data.entries()) difference += (scale * sub.data[i]! - y) ** 2;
  const worst = worstEntry(sub, full, scale);
  return {
    scale,
    relative: Math.sqrt(difference / ff),
    cosine: sf / Math.sqrt(ss * ff),
    worst,
  };
};

const worstEntry = (sub: NDArray, full: NDArray, scale: number): number | undefined => {
  const [n, c, m, d] = full.shape;
  if (n === undefined || n !== m || c !== d) return undefined;
  const size = n * c!;
  const norms = Array.from({ length: size }, (_, i) => Math.sqrt(full.data[i * size + i]!));
  let worst = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const error = Math.abs(scale * sub.data[i * size + j]! - full.data[i * size + j]!);
      if (error > 0) worst = Math.max(worst, error / (norms[i]! * norms[j]!));
    }
  }
  return Number.isFinite(worst) ? worst : undefined;
};
