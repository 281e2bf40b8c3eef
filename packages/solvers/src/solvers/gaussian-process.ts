import { type KernelSplit, type NDArray, ndarray, sameShape } from '@ntk-lens/core';
import type { KernelSolver } from '../definition/kernel-solver.js';
import { type F0Options, f0Scale, type RidgeOptions, ridge } from '../definition/options.js';
import { type DualSolution, defineSolver, type Problem } from '../definition/solver-definition.js';
import { KernelShapeError } from '../errors.js';
import { type InverseKernel, invertKernel } from '../kernel/inverse.js';
import { solveShifted } from '../kernel/spectrum.js';
import { assertFinite } from '../kernel/split.js';
import { gemm, window } from '../linalg/gemm.js';

/** λσ is the variance of the observation noise. */
export interface GaussianProcessOptions extends RidgeOptions, F0Options {}

export interface GaussianProcessSolution extends DualSolution {
  /** R with RᵀR = (K + λσI)⁻¹, row-major `[rank, N·C]`. */
  readonly root: Float64Array;
}

const queryPanel = 256;

/** The rows of an inverse with positive weights, each times the root of its weight. */
const rootOf = ({ rows, weights }: InverseKernel): Float64Array => {
  const size = weights.length;
  const taken = Array.from(weights.keys()).filter((k) => weights[k]! > 0);
  const root = new Float64Array(taken.length * size);
  for (const [r, k] of taken.entries()) {
    const scale = Math.sqrt(weights[k]!);
    for (let i = 0; i < size; i++) root[r * size + i] = scale * rows[k * size + i]!;
  }
  return root;
};

/**
 * Gaussian process with the kernel as prior covariance and noise λσ: its mean is {@link lstsq}'s prediction, its
 * variance {@link posteriorVariance}'s. Saved JSON holds a root of the inverse, (N·C)² numbers.
 *
 * @example
 * ```ts
 * const mean = (await createSolver({ solver: 'gaussian-process', ridge: 0.01 }).fit(train)).predict(test);
 * ```
 */
export const gaussianProcess = defineSolver({
  name: 'gaussian-process',
  title: 'squared loss + ridge, with variance',
  purpose: 'for predictive variance; its scores are those of lstsq',
  fits: 'scores',
  kernels: 'symmetric',
  auto: false,
  complexity: 1,
  options: { ridge, f0Scale },
  solve: async (problem: Problem<GaussianProcessOptions>): Promise<GaussianProcessSolution> => {
    const { analysis, targets, shift, options } = problem;
    const { coefficients } = await solveShifted(analysis, targets, shift, options);
    return { coefficients, root: rootOf(await invertKernel(analysis, shift, options)) };
  },
  solution: ({ examples, logits }) => ({ coefficients: examples * logits, root: 'numbers' }),
});

/**
 * Variance k(x,x) − k_*ᵀ (K + λσI)⁻¹ k_* of f (without noise) per query and logit, clipped at 0; in binary mode of p.
 *
 * @param solver a fitted {@link gaussianProcess}
 * @param prior K(q, c, q, c), float64 `[query, C]`: the diagonal of the query–query kernel
 * @returns float64 `[query, C]`
 * @throws NotFittedError, KernelShapeError, MismatchedSplitError
 * @example
 * ```ts
 * const gp = await createSolver({ solver: 'gaussian-process', ridge: 0.01 }).fit(train);
 * const variance = posteriorVariance(gp, test, selfKernel); // selfKernel[q, c] = K(q, c, q, c)
 * ```
 */
export const posteriorVariance = (
  solver: KernelSolver<GaussianProcessOptions, GaussianProcessSolution>,
  split: KernelSplit,
  prior: NDArray<'float64'>,
): NDArray<'float64'> => {
  const { logits } = solver.checkQueries(split);
  const expected = [split.kernel.shape[2]!, logits];
  if (!sameShape(prior.shape, expected)) {
    throw new KernelShapeError('prior variance', prior.shape, `[${expected.join(', ')}], [query, logit]`);
  }
  assertFinite('prior variance', prior);
  const { coefficients, root } = solver.solution;
  const size = coefficients.length;
  const rank = root.length / size;
  const columns = expected[0]! * logits;
  const variance = Float64Array.from(prior.data);
  for (let from = 0; from < columns; from += queryPanel) {
    const width = Math.min(queryPanel, columns - from);
    const rows = new Float64Array(width * size);
    for (let r = 0; r < size; r++) {
      for (let q = 0; q < width; q++) rows[q * size + r] = split.kernel.data[r * columns + from + q]!;
    }
    const projected = new Float64Array(width * rank);
    gemm(window(projected, rank), window(rows, size), window(root, size), width, rank, size, 1);
    for (let q = 0; q < width; q++) {
      for (let k = 0; k < rank; k++) variance[from + q]! -= projected[q * rank + k]! ** 2;
      variance[from + q] = Math.max(0, variance[from + q]!);
    }
  }
  return ndarray<'float64'>(variance, expected);
};
