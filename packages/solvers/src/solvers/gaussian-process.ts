import { type KernelSplit, type NDArray, ndarray, sameShape } from '@ntk-lens/core';
import type { KernelSolver } from '../definition/kernel-solver.js';
import { f0Scale, ridge } from '../definition/options.js';
import { type DualSolution, defineSolver, type Problem } from '../definition/solver-definition.js';
import { KernelShapeError } from '../errors.js';
import { rankFloor } from '../kernel/analysis.js';
import { solveBySpectrum } from '../kernel/spectrum.js';
import { assertFinite } from '../kernel/split.js';
import { gemm, window } from '../linalg/gemm.js';
import type { LstsqOptions } from './lstsq.js';

/** As {@link LstsqOptions}; λσ is the variance of the observation noise. */
export type GaussianProcessOptions = LstsqOptions;

export interface GaussianProcessSolution extends DualSolution {
  /** Eigenvalues of K plus the noise, and the eigenvectors as rows. */
  readonly values: Float64Array;
  readonly vectors: Float64Array;
  readonly floor: number;
}

const queryPanel = 256;

/**
 * Gaussian process with the kernel as prior covariance and noise λσ: its mean is {@link lstsq}'s prediction, its
 * variance {@link posteriorVariance}'s. Saved JSON holds the eigenvectors, (N·C)² numbers.
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
    const eigen = await analysis.eigen(options);
    const { size, values, vectors } = eigen;
    return {
      coefficients: solveBySpectrum(eigen, targets, shift).coefficients,
      values: values.map((value) => value + shift),
      vectors,
      floor: rankFloor(size, analysis.operatorNorm + shift),
    };
  },
  solution: ({ examples, logits }) => {
    const size = examples * logits;
    return { coefficients: size, values: size, vectors: size * size, floor: 'number' };
  },
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
  const { values, vectors, floor } = solver.solution;
  const size = values.length;
  const columns = expected[0]! * logits;
  const variance = Float64Array.from(prior.data);
  for (let from = 0; from < columns; from += queryPanel) {
    const width = Math.min(queryPanel, columns - from);
    const rows = new Float64Array(width * size);
    for (let r = 0; r < size; r++) {
      for (let q = 0; q < width; q++) rows[q * size + r] = split.kernel.data[r * columns + from + q]!;
    }
    const projected = new Float64Array(width * size);
    gemm(window(projected, size), window(rows, size), window(vectors, size), width, size, size, 1);
    for (let q = 0; q < width; q++) {
      for (let k = 0; k < size; k++) {
        if (values[k]! > floor) variance[from + q]! -= projected[q * size + k]! ** 2 / values[k]!;
      }
      variance[from + q] = Math.max(0, variance[from + q]!);
    }
  }
  return ndarray<'float64'>(variance, expected);
};
