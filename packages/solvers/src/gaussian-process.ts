import { type KernelSplit, type NDArray, ndarray, sameShape } from '@ntk-lens/core';
import { rankFloor } from './analysis.js';
import { BaseSolver, type Problem } from './base-solver.js';
import { KernelShapeError } from './errors.js';
import { numberField, objectField, savedSolver, vectorField } from './json.js';
import { gemm, window } from './linalg/gemm.js';
import { multiplyTransposed } from './linalg/products.js';
import { type LstsqOptions, solveBySpectrum } from './lstsq.js';
import { checkF0Scale, checkNumber } from './options.js';
import { assertFinite, checkQuerySplit, type TrainShape } from './split.js';

/** As {@link LstsqOptions}; λσ is the variance of the observation noise. */
export type GaussianProcessOptions = LstsqOptions;

interface GaussianProcessSolution {
  readonly coefficients: Float64Array;
  /** Eigenvalues of K plus the noise, and the eigenvectors as rows. */
  readonly values: Float64Array;
  readonly vectors: Float64Array;
  readonly floor: number;
}

const queryBlock = 256;

/**
 * Gaussian process with the kernel as prior covariance and noise λσ: its mean is {@link LstsqSolver}'s prediction,
 * its variance k(x,x) − k_*ᵀ (K + λσI)⁻¹ k_*. Saved JSON holds the eigenvectors, (N·C)² numbers.
 *
 * @example
 * ```ts
 * const gp = await new GaussianProcessSolver({ ridge: 0.01 }).fit(train);
 * const variance = gp.variance(test, selfKernel); // selfKernel[q, c] = K(q, c, q, c)
 * ```
 */
export class GaussianProcessSolver extends BaseSolver<GaussianProcessOptions, GaussianProcessSolution> {
  readonly name = 'gaussian-process';

  constructor(options: GaussianProcessOptions = {}) {
    super({ ...options });
    checkNumber('ridge', options.ridge ?? 0, 0);
    checkF0Scale(options.f0Scale);
  }

  protected async solve({ analysis, targets, options }: Problem): Promise<GaussianProcessSolution> {
    const shift = (this.options.ridge ?? 0) * analysis.operatorNorm;
    const eigen = await analysis.eigen(options);
    const { size, values, vectors } = eigen;
    return {
      coefficients: solveBySpectrum(eigen, targets, shift).coefficients,
      values: values.map((value) => value + shift),
      vectors,
      floor: rankFloor(size, analysis.operatorNorm + shift),
    };
  }

  protected decide({ coefficients }: GaussianProcessSolution, split: KernelSplit): Float64Array {
    const { data } = split.kernel;
    return multiplyTransposed(data, coefficients.length, data.length / coefficients.length, coefficients);
  }

  /**
   * Posterior variance of f (without noise) per query and logit, clipped at 0; in binary mode of p.
   *
   * @param prior K(q, c, q, c), float64 `[query, C]`: the diagonal of the query–query kernel
   * @returns float64 `[query, C]`
   */
  variance(split: KernelSplit, prior: NDArray<'float64'>): NDArray<'float64'> {
    const { shape, solution } = this.requireFitted();
    const queries = checkQuerySplit(split, shape);
    const expected = [queries, shape.logits];
    if (!sameShape(prior.shape, expected)) {
      throw new KernelShapeError('prior variance', prior.shape, `[${expected.join(', ')}], [query, logit]`);
    }
    assertFinite('prior variance', prior);
    const { values, vectors, floor } = solution;
    const size = values.length;
    const columns = queries * shape.logits;
    const variance = Float64Array.from(prior.data);
    for (let from = 0; from < columns; from += queryBlock) {
      const width = Math.min(queryBlock, columns - from);
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
  }

  protected readSolution(
    fields: Readonly<Record<string, unknown>>,
    { examples, logits }: TrainShape,
  ): GaussianProcessSolution {
    const size = examples * logits;
    return {
      coefficients: vectorField(fields, 'coefficients', size),
      values: vectorField(fields, 'values', size),
      vectors: vectorField(fields, 'vectors', size * size),
      floor: numberField(fields, 'floor'),
    };
  }

  static fromJSON(json: unknown): GaussianProcessSolver {
    const options = objectField(savedSolver(json, 'gaussian-process'), 'options');
    return new GaussianProcessSolver(options).restore(json);
  }
}
