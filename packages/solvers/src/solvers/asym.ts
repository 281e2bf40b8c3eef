import { type F0Options, f0Scale, type RidgeOptions, ridge } from '../definition/options.js';
import { defineSolver, type Problem } from '../definition/solver-definition.js';
import { MissingFlippedKernelError } from '../errors.js';
import type { KernelAnalysis } from '../kernel/analysis.js';
import { solveBySpectrum } from '../kernel/spectrum.js';
import { gramMatrix, productFor } from '../linalg/add-product.js';
import { luOf, luSolve } from '../linalg/lu.js';
import type { Pause } from '../linalg/pause.js';
import { multiply, multiplyTransposed, transpose } from '../linalg/products.js';
import { decomposeSymmetric, type LinearAlgebraOptions } from '../linalg/symmetric-eigen.js';

export interface AsymOptions extends RidgeOptions, F0Options {
  /** γ: the inverse of the regularization 1/γ on both diagonal parts. Default 1, as the reference. */
  readonly gamma?: number;
  /**
   * Mixing κ of the two predictors: 1 uses the kernel alone, 0 the flipped kernel alone. The reference reads it but
   * never declares it; default ½, the mean of both.
   */
  readonly kappa?: number;
}

/** α∘y and β∘y. */
export interface AsymSolution {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** [[I/γ, H], [Hᵀ, I/γ]] x. */
const timesSystem = (h: Float64Array, size: number, gamma: number, x: Float64Array): Float64Array => {
  const upper = multiply(h, size, size, x.subarray(size));
  const lower = multiplyTransposed(h, size, size, x.subarray(0, size));
  return x.map((value, i) => value / gamma + (i < size ? upper[i]! : lower[i - size]!));
};

/**
 * [α; β] with the right side 1. Eliminates α: (I/γ − γHᵀH) β = s − γHᵀr, α = γ(r − Hβ), by LU, with refinement on the
 * full system. Returns undefined when that system is singular to rounding.
 */
const solveReduced = async (
  h: Float64Array,
  size: number,
  gamma: number,
  options: LinearAlgebraOptions,
  pause: Pause,
): Promise<Float64Array | undefined> => {
  const addProduct = productFor(size, options.addProduct);
  const system = await gramMatrix(transpose(h, size, size), size, size, addProduct);
  for (let i = 0; i < system.length; i++) system[i]! *= -gamma;
  for (let i = 0; i < size; i++) system[i * (size + 1)]! += 1 / gamma;
  const lu = await luOf(system, size, addProduct, pause);
  if (!lu) return undefined;
  const solution = new Float64Array(2 * size);
  const residual = (): Float64Array => timesSystem(h, size, gamma, solution).map((value) => 1 - value);
  for (let pass = 0; pass < 4; pass++) {
    const right = residual();
    const hr = multiplyTransposed(h, size, size, right.subarray(0, size));
    const beta = luSolve(
      lu,
      right.subarray(size).map((value, i) => value - gamma * hr[i]!),
    );
    const hBeta = multiply(h, size, size, beta);
    for (let i = 0; i < size; i++) {
      solution[i]! += gamma * (right[i]! - hBeta[i]!);
      solution[size + i]! += beta[i]!;
    }
  }
  return Math.hypot(...residual()) <= 1e-9 * Math.sqrt(2 * size) ? solution : undefined;
};

/** Minimum-norm solution of the symmetric system of size 2N from its eigenvectors. */
const solveMinimumNorm = async (
  h: Float64Array,
  size: number,
  gamma: number,
  options: LinearAlgebraOptions,
): Promise<Float64Array> => {
  const full = 2 * size;
  const system = new Float64Array(full * full);
  for (let i = 0; i < size; i++) {
    system[i * full + i] = 1 / gamma;
    system[(size + i) * full + size + i] = 1 / gamma;
    for (let j = 0; j < size; j++) {
      system[i * full + size + j] = h[i * size + j]!;
      system[(size + j) * full + i] = h[i * size + j]!;
    }
  }
  const eigen = await decomposeSymmetric(system, full, options);
  return (await solveBySpectrum(eigen, new Float64Array(full).fill(1), 0, options)).coefficients;
};

const signedKernel = ({ matrix, size }: KernelAnalysis, y: Float64Array, shift: number): Float64Array => {
  const h = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      h[i * size + j] = y[i]! * (matrix[i * size + j]! + (i === j ? shift : 0)) * y[j]!;
    }
  }
  return h;
};

/**
 * Asymmetric least-squares classifier without biases (He et al. 2022), for A-SignGD in binary mode. It solves
 * [[I/γ, H], [Hᵀ, I/γ]] [α; β] = 1 with H_ij = y_i K_ij y_j; its prediction is κ Σ α_i y_i K + (1 − κ) Σ β_i
 * y_i K_flipped.
 *
 * @example
 * ```ts
 * const scores = (await createSolver({ solver: 'asym', gamma: 1, kappa: 0.5 }).fit(signedTrain)).predict(signedTest);
 * ```
 */
export const asym = defineSolver({
  name: 'asym',
  title: 'asymmetric least squares (He et al. 2022)',
  purpose: 'for A-SignGD kernels in binary mode; needs the flipped kernel',
  fits: 'labels',
  kernels: 'flipped',
  singleOutput: true,
  auto: true,
  complexity: 7,
  options: {
    ridge,
    f0Scale,
    gamma: { default: 1, above: 0, grid: 'gamma', complexity: (gamma) => gamma },
    kappa: { default: 0.5, from: 0, to: 1, grid: 'kappa', complexity: (kappa) => Math.abs(kappa - 0.5) },
  },
  solve: async (problem: Problem<AsymOptions>): Promise<AsymSolution> => {
    const { analysis, targets, settings, shift, options, pause, warn } = problem;
    const { size } = analysis;
    const { gamma } = settings;
    const h = signedKernel(analysis, targets, shift);
    let solution = await solveReduced(h, size, gamma, options, pause);
    if (!solution) {
      warn({
        code: 'SINGULAR_SYSTEM',
        message: `1/γ = ${1 / gamma} is a singular value of the signed kernel; the minimum-norm solution is used.`,
      });
      solution = await solveMinimumNorm(h, size, gamma, options);
    }
    return {
      first: targets.map((y, i) => y * solution[i]!),
      second: targets.map((y, i) => y * solution[size + i]!),
    };
  },
  decide: ({ first, second }, { kernel, flipped }, _shape, { kappa }) => {
    if (!flipped) throw new MissingFlippedKernelError();
    const queries = kernel.shape[2]!;
    const omega = multiplyTransposed(kernel.data, first.length, queries, first);
    const nu = multiplyTransposed(flipped.data, second.length, queries, second);
    return omega.map((value, q) => kappa * value + (1 - kappa) * nu[q]!);
  },
  solution: ({ examples }) => ({ first: examples, second: examples }),
});
