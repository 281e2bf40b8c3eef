import { BadArgumentError, type NDArray, sameShape } from '@ntk-lens/core';
import { quantile } from '../statistics/quantile.js';

/** Distance of a kernel K_t from K₀. */
export interface KernelChange {
  /**
   * mean_ij |K_t − K₀| / |K₀| over the entries of K₀ that are not zero (docs/theory.md, Thresholds: features are fixed
   * below 2).
   */
  readonly elementwise: number;
  /** Median of the same relative distances: a few entries near zero do not move it. */
  readonly median: number;
  /** mean_ij |K_t − K₀| / max(|K₀|, 10⁻³ rms K₀): entries near zero count as if they were as large as that. */
  readonly floored: number;
  /** Entries with |K₀| < 10⁻³ rms K₀. */
  readonly nearZero: number;
  /** Entries that are exactly zero, and have no relative distance. */
  readonly zero: number;
  readonly entries: number;
  /** ‖K_t − K₀‖ / ‖K₀‖, Frobenius. */
  readonly frobenius: number;
  /** ⟨K_t, K₀⟩ / (‖K_t‖ ‖K₀‖). */
  readonly cosine: number;
  /** The cosine once row and column means over examples are gone, for each pair of outputs (centred alignment). */
  readonly centredAlignment: number;
}

/** |K₀| below this part of its root mean square counts as near zero. */
const NEAR_ZERO = 1e-3;

/**
 * The second condition of kernel behaviour, fixed features: ∇f(·; θ_t) ≈ ∇f(·; θ₀) (docs/theory.md, Kernel behaviour),
 * seen through the kernel.
 *
 * @example
 * ```ts
 * const { elementwise, cosine } = kernelChange(after.train.kernel, before.train.kernel);
 * ```
 * @param kernel K_t `[n, C, m, C']`
 * @param start K₀, of the same shape
 * @throws BadArgumentError for other shapes, or where K₀ is zero everywhere
 */
export const kernelChange = (kernel: NDArray, start: NDArray): KernelChange => {
  if (kernel.shape.length !== 4)
    throw new BadArgumentError('kernel', `shape [${kernel.shape}]`, "[n, C, m, C']");
  if (!sameShape(kernel.shape, start.shape))
    throw new BadArgumentError('kernel', `shape [${kernel.shape}]`, `[${start.shape}], as at the start`);
  const entries = start.data.length;
  const rms = norm(start.data) / Math.sqrt(entries);
  if (rms === 0) throw new BadArgumentError('start', 'zeros', 'a kernel that is not zero');
  const relative: number[] = [];
  let [nearZero, floored, distance] = [0, 0, 0];
  for (const [i, k0] of start.data.entries()) {
    const change = Math.abs(kernel.data[i]! - k0);
    const size = Math.abs(k0);
    if (size > 0) relative.push(change / size);
    if (size < NEAR_ZERO * rms) nearZero++;
    floored += change / Math.max(size, NEAR_ZERO * rms);
    distance += change ** 2;
  }
  relative.sort((a, b) => a - b);
  return {
    elementwise: relative.reduce((sum, x) => sum + x, 0) / relative.length,
    median: quantile(relative, 0.5),
    floored: floored / entries,
    nearZero,
    zero: entries - relative.length,
    entries,
    frobenius: Math.sqrt(distance) / norm(start.data),
    cosine: cosine(kernel.data, start.data),
    centredAlignment: cosine(centred(kernel), centred(start)),
  };
};

const norm = (x: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! ** 2;
  return Math.sqrt(sum);
};

/** 0 where one of the two is zero. */
const cosine = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  const sizes = norm(x) * norm(y);
  return sizes === 0 ? 0 : sum / sizes;
};

/** K − row means − column means + mean, over examples, for each pair of outputs. */
const centred = ({ data, shape }: NDArray): Float64Array => {
  const [n, outputs, m, others] = shape as [number, number, number, number];
  const result = Float64Array.from(data);
  for (let c = 0; c < outputs; c++) {
    for (let d = 0; d < others; d++) {
      const at = (i: number, j: number) => ((i * outputs + c) * m + j) * others + d;
      const rows = new Float64Array(n);
      const columns = new Float64Array(m);
      let mean = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < m; j++) {
          rows[i]! += data[at(i, j)]! / m;
          columns[j]! += data[at(i, j)]! / n;
          mean += data[at(i, j)]! / (n * m);
        }
      }
      for (let i = 0; i < n; i++)
        for (let j = 0; j < m; j++) result[at(i, j)]! += mean - rows[i]! - columns[j]!;
    }
  }
  return result;
};
