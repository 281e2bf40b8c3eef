import type { KernelSplit } from '@ntk-lens/core';
import { type KernelAnalysis, rankFloor } from './analysis.js';
import { BaseSolver, type Problem, type SolverOptions } from './base-solver.js';
import { MissingFlippedKernelError, SingleOutputError } from './errors.js';
import { objectField, savedSolver, vectorField } from './json.js';
import { gemm, mirrorLower, window } from './linalg/gemm.js';
import { luInPlace, luSolve } from './linalg/lu.js';
import { makePause } from './linalg/pause.js';
import { multiply, multiplyTransposed } from './linalg/products.js';
import { decomposeSymmetric } from './linalg/symmetric-eigen.js';
import { checkF0Scale, checkNumber } from './options.js';
import type { FitOptions } from './solver.js';
import type { TrainShape } from './split.js';

export interface AsymOptions extends SolverOptions {
  /** As in {@link LstsqOptions.ridge}. Default 0. */
  readonly ridge?: number;
  /** γ: the inverse of the regularization 1/γ on both diagonal blocks. Default 1, as the reference. */
  readonly gamma?: number;
  /**
   * Mixing κ of the two predictors: 1 uses the kernel alone, 0 the flipped kernel alone. The reference reads it but
   * never declares it; default ½, the mean of both.
   */
  readonly kappa?: number;
}

/** α∘y and β∘y. */
interface AsymSolution {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

interface Pair {
  readonly alpha: Float64Array;
  readonly beta: Float64Array;
}

/** Residuals of [[I/γ, H], [Hᵀ, I/γ]] [α; β] = 1. */
const residual = (h: Float64Array, size: number, gamma: number, { alpha, beta }: Pair): Pair => {
  const hBeta = multiply(h, size, size, beta);
  const hAlpha = multiplyTransposed(h, size, size, alpha);
  return {
    alpha: alpha.map((value, i) => 1 - value / gamma - hBeta[i]!),
    beta: beta.map((value, i) => 1 - value / gamma - hAlpha[i]!),
  };
};

const norm = ({ alpha, beta }: Pair): number => Math.hypot(...alpha, ...beta);

/**
 * Eliminates α: (I/γ − γHᵀH) β = s − γHᵀr, α = γ(r − Hβ), by LU, with refinement on the full system.
 * Returns undefined when that system is singular to rounding.
 */
const solveReduced = async (
  h: Float64Array,
  size: number,
  gamma: number,
  options: FitOptions,
): Promise<Pair | undefined> => {
  const transposed = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) transposed[j * size + i] = h[i * size + j]!;
  const system = new Float64Array(size * size);
  const rows = window(transposed, size);
  gemm(window(system, size), rows, rows, size, size, size, -gamma, true);
  mirrorLower(system, size);
  for (let i = 0; i < size; i++) system[i * (size + 1)]! += 1 / gamma;
  const lu = await luInPlace(system, size, makePause(options, 'asym'));
  if (!lu) return undefined;
  const solve = (right: Pair): Pair => {
    const hr = multiplyTransposed(h, size, size, right.alpha);
    const reduced = right.beta.map((value, i) => value - gamma * hr[i]!);
    const beta = luSolve(lu, reduced);
    const hBeta = multiply(h, size, size, beta);
    return { alpha: right.alpha.map((value, i) => gamma * (value - hBeta[i]!)), beta };
  };
  const ones = new Float64Array(size).fill(1);
  let solution = solve({ alpha: ones, beta: ones });
  for (let pass = 0; pass < 3; pass++) {
    const correction = solve(residual(h, size, gamma, solution));
    solution = {
      alpha: solution.alpha.map((value, i) => value + correction.alpha[i]!),
      beta: solution.beta.map((value, i) => value + correction.beta[i]!),
    };
  }
  const error = norm(residual(h, size, gamma, solution));
  return error <= 1e-9 * Math.sqrt(2 * size) ? solution : undefined;
};

/** Minimum-norm solution of the symmetric system of size 2N from its eigenvectors. */
const solveMinimumNorm = async (
  h: Float64Array,
  size: number,
  gamma: number,
  options: FitOptions,
): Promise<Pair> => {
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
  const { values, vectors } = await (await decomposeSymmetric(system, full, options)).eigen(options);
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values[full - 1]!));
  const weights = multiply(vectors, full, full, new Float64Array(full).fill(1));
  for (let k = 0; k < full; k++) {
    weights[k] = Math.abs(values[k]!) <= rankFloor(full, largest) ? 0 : weights[k]! / values[k]!;
  }
  const solution = multiplyTransposed(vectors, full, full, weights);
  return { alpha: solution.slice(0, size), beta: solution.slice(size) };
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
 * Asymmetric least-squares classifier without biases (He et al. 2022), for A-SignGD in binary mode:
 * [[I/γ, H], [Hᵀ, I/γ]] [α; β] = 1 with H_ij = y_i K_ij y_j, prediction κ Σ α_i y_i K + (1 − κ) Σ β_i y_i K_flipped.
 *
 * @example
 * ```ts
 * const scores = (await new AsymSolver({ gamma: 1, kappa: 0.5 }).fit(train)).predict(test);
 * ```
 */
export class AsymSolver extends BaseSolver<AsymOptions, AsymSolution> {
  readonly name = 'asym';

  constructor(options: AsymOptions = {}) {
    super({ symmetric: false, ...options });
    checkNumber('ridge', options.ridge ?? 0, 0);
    checkNumber('gamma', options.gamma ?? 1, 0, { strict: true });
    checkNumber('kappa', options.kappa ?? 0.5, 0, { maximum: 1 });
    checkF0Scale(options.f0Scale);
  }

  protected override checkProblem(_split: KernelSplit, { logits }: TrainShape): void {
    if (logits !== 1) throw new SingleOutputError(this.name, logits);
  }

  protected async solve({ analysis, targets, options, warn }: Problem): Promise<AsymSolution> {
    const { size, operatorNorm } = analysis;
    const { gamma = 1, ridge = 0 } = this.options;
    const h = signedKernel(analysis, targets, ridge * operatorNorm);
    let pair = await solveReduced(h, size, gamma, options);
    if (!pair) {
      warn({
        code: 'SINGULAR_SYSTEM',
        message: `1/γ = ${1 / gamma} is a singular value of the signed kernel; the minimum-norm solution is used.`,
      });
      pair = await solveMinimumNorm(h, size, gamma, options);
    }
    return {
      first: pair.alpha.map((value, i) => value * targets[i]!),
      second: pair.beta.map((value, i) => value * targets[i]!),
    };
  }

  protected decide({ first, second }: AsymSolution, split: KernelSplit): Float64Array {
    if (!split.flipped) throw new MissingFlippedKernelError();
    const { kappa = 0.5 } = this.options;
    const queries = split.kernel.shape[2]!;
    const omega = multiplyTransposed(split.kernel.data, first.length, queries, first);
    const nu = multiplyTransposed(split.flipped.data, second.length, queries, second);
    return omega.map((value, q) => kappa * value + (1 - kappa) * nu[q]!);
  }

  protected readSolution(fields: Readonly<Record<string, unknown>>, { examples }: TrainShape): AsymSolution {
    return {
      first: vectorField(fields, 'first', examples),
      second: vectorField(fields, 'second', examples),
    };
  }

  static fromJSON(json: unknown): AsymSolver {
    return new AsymSolver(objectField(savedSolver(json, 'asym'), 'options')).restore(json);
  }
}
