import type { KernelSplit } from '@ntk-lens/core';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { type KernelAnalysis, rankFloor } from './analysis.js';
import { BaseSolver, type Problem, type SolverOptions } from './base-solver.js';
import { numberField, objectField, savedSolver, vectorField } from './json.js';
import { luInPlace, luSolve } from './linalg/lu.js';
import { makePause } from './linalg/pause.js';
import { dot, multiplyTransposed } from './linalg/products.js';
import type { SymmetricEigen } from './linalg/symmetric-eigen.js';
import { checkF0Scale, checkNumber } from './options.js';
import type { FitOptions } from './solver.js';
import type { TrainShape } from './split.js';

export interface LstsqOptions extends SolverOptions {
  /**
   * Ridge strength λ relative to the largest singular value σ of the train kernel: λσ is added to its diagonal.
   * *When to choose:* 0 interpolates (kernel gradient descent run to its end); .001 to .1 when labels are noisy or
   * the kernel is ill-conditioned; 1 hardly more than a kernel-weighted vote. Default 0.
   */
  readonly ridge?: number;
}

interface LstsqSolution {
  readonly coefficients: Float64Array;
  /** Directions of the kernel that took part. */
  readonly rank: number;
}

/** Minimum-norm solution of (K + shift·I) a = y from the eigenvectors of a symmetric K. */
export const solveBySpectrum = (
  { size, values, vectors }: SymmetricEigen,
  targets: Float64Array,
  shift: number,
): { coefficients: Float64Array; rank: number } => {
  const floor = rankFloor(size, Math.max(Math.abs(values[0]!), Math.abs(values[size - 1]!)) + shift);
  const weights = new Float64Array(size);
  let rank = 0;
  for (let k = 0; k < size; k++) {
    const denominator = values[k]! + shift;
    if (Math.abs(denominator) <= floor) continue;
    rank++;
    weights[k] = dot(vectors, k * size, targets, 0, size) / denominator;
  }
  return { coefficients: multiplyTransposed(vectors, size, size, weights), rank };
};

/** Smallest singular value, relative to the largest, of kernels that have full rank beyond doubt: theirs are known to 1e-8. */
const surelyRegular = 1e-6;

/** LU where the solution is unique, else the singular value decomposition. */
const solveGeneral = async (
  { matrix, size, operatorNorm, singularValues }: KernelAnalysis,
  targets: Float64Array,
  shift: number,
  options: FitOptions,
): Promise<LstsqSolution> => {
  const unique = singularValues.every((s) => s > surelyRegular * operatorNorm);
  if (shift > 0 || unique) {
    const shifted = matrix.slice();
    for (let i = 0; i < size; i++) shifted[i * (size + 1)]! += shift;
    const lu = await luInPlace(shifted, size, makePause(options, 'lstsq'));
    if (lu) return { coefficients: luSolve(lu, targets), rank: size };
  }
  const rows = new Matrix(Array.from({ length: size }, (_, i) => matrix.slice(i * size, (i + 1) * size)));
  for (let i = 0; i < size; i++) rows.set(i, i, rows.get(i, i) + shift);
  const right = Matrix.columnVector(targets);
  const svd = new SingularValueDecomposition(rows, { autoTranspose: true });
  const floor = rankFloor(size, operatorNorm);
  const projected = svd.leftSingularVectors.transpose().mmul(right);
  let rank = 0;
  for (const [k, s] of svd.diagonal.entries()) {
    if (s > floor) rank++;
    projected.set(k, 0, s > floor ? projected.get(k, 0) / s : 0);
  }
  return { coefficients: Float64Array.from(svd.rightSingularVectors.mmul(projected).to1DArray()), rank };
};

/**
 * Kernel least squares: the minimum-norm solution of (K + λσI) a = y, and predictions K_*ᵀ a. With ridge 0 it is
 * the end of gradient flow on the linearized model; it is the protocol's solver of symmetric kernels (docs/theory.md,
 * Solvers and grids).
 *
 * @example
 * ```ts
 * const solver = await new LstsqSolver({ ridge: 0.01 }).fit(train);
 * const scores = solver.predict(test);
 * ```
 */
export class LstsqSolver extends BaseSolver<LstsqOptions, LstsqSolution> {
  readonly name = 'lstsq';

  constructor(options: LstsqOptions = {}) {
    super({ ...options });
    checkNumber('ridge', options.ridge ?? 0, 0);
    checkF0Scale(options.f0Scale);
  }

  /** Directions of the kernel used by the fit (the reference reports it as `rank0`). */
  get rank(): number {
    return this.requireFitted().solution.rank;
  }

  /** Dual coefficients a, one per flattened (example, logit) row. */
  get coefficients(): Float64Array {
    return this.requireFitted().solution.coefficients.slice();
  }

  protected async solve({ analysis, targets, options }: Problem): Promise<LstsqSolution> {
    const shift = (this.options.ridge ?? 0) * analysis.operatorNorm;
    return analysis.symmetric
      ? solveBySpectrum(await analysis.eigen(options), targets, shift)
      : solveGeneral(analysis, targets, shift, options);
  }

  protected decide(solution: LstsqSolution, split: KernelSplit, shape: TrainShape): Float64Array {
    const rows = shape.examples * shape.logits;
    return multiplyTransposed(
      split.kernel.data,
      rows,
      split.kernel.data.length / rows,
      solution.coefficients,
    );
  }

  protected readSolution(fields: Readonly<Record<string, unknown>>, shape: TrainShape): LstsqSolution {
    return {
      coefficients: vectorField(fields, 'coefficients', shape.examples * shape.logits),
      rank: numberField(fields, 'rank'),
    };
  }

  static fromJSON(json: unknown): LstsqSolver {
    return new LstsqSolver(objectField(savedSolver(json, 'lstsq'), 'options')).restore(json);
  }
}
