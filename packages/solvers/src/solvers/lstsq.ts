import { BadArgumentError, ndarray } from '@ntk-lens/core';
import { type F0Options, f0Scale, type RidgeOptions, ridge } from '../definition/options.js';
import { type DualSolution, defineSolver, type Problem } from '../definition/solver-definition.js';
import { rankFloor } from '../kernel/analysis.js';
import { solveShifted } from '../kernel/spectrum.js';
import { productFor } from '../linalg/add-product.js';
import { luOf, luSolve } from '../linalg/lu.js';

export interface LstsqOptions extends RidgeOptions, F0Options {
  /**
   * `cg`: conjugate gradients, preconditioned by a Nyström approximation, which takes a ridge above 0. *When to choose:* `direct`
   * for kernels that are in memory; `cg` is how `selectMatrixFree` solves those that are not. Default `direct`.
   */
  readonly method?: 'direct' | 'cg';
}

export interface LstsqSolution extends DualSolution {
  /** Directions of the kernel that took part; the reference reports it as `rank0`. */
  readonly rank: number;
  /** Iterations of conjugate gradients; not saved. */
  readonly iterations?: number;
}

/** Smallest singular value, relative to the largest, of kernels that have full rank beyond doubt: theirs are known to 1e-8. */
const surelyRegular = 1e-6;

const isRegular = async ({ analysis, options }: Problem<LstsqOptions>): Promise<boolean> => {
  const { singularValues, operatorNorm } = await analysis.spectrum(options);
  return singularValues.every((s) => s > surelyRegular * operatorNorm);
};

/** LU where the solution is unique, else the singular value decomposition, whose library is loaded then. */
const solveGeneral = async (problem: Problem<LstsqOptions>): Promise<LstsqSolution> => {
  const { analysis, targets, shift, options, pause } = problem;
  const { matrix, size } = analysis;
  const shifted = matrix.slice();
  for (let i = 0; i < size; i++) shifted[i * (size + 1)]! += shift;
  if (shift > 0 || (await isRegular(problem))) {
    const lu = await luOf(shifted, size, productFor(size, options.addProduct), pause);
    if (lu) return { coefficients: luSolve(lu, targets), rank: size };
  }
  const { Matrix, SingularValueDecomposition } = await import('ml-matrix');
  const svd = new SingularValueDecomposition(Matrix.from1DArray(size, size, shifted), {
    autoTranspose: true,
  });
  const floor = rankFloor(size, await analysis.operatorNorm(options));
  const projected = svd.leftSingularVectors.transpose().mmul(Matrix.columnVector(targets));
  let rank = 0;
  for (const [k, s] of svd.diagonal.entries()) {
    if (s > floor) rank++;
    projected.set(k, 0, s > floor ? projected.get(k, 0) / s : 0);
  }
  return { coefficients: Float64Array.from(svd.rightSingularVectors.mmul(projected).to1DArray()), rank };
};

const noRidge = (): BadArgumentError =>
  new BadArgumentError(
    'ridge',
    0,
    'a number above 0 for the method cg',
    ' Without a ridge conjugate gradients do not end where the kernel is singular.',
  );

/** Vectors of the approximation that makes the iterations few. */
const SKETCH = 32;
/** Kernels in memory are multiplied in float64. */
const tolerance = 1e-10;

const solveByIterations = async ({
  analysis,
  targets,
  shift,
  options,
}: Problem<LstsqOptions>): Promise<LstsqSolution> => {
  const { matrix, size } = analysis;
  if (!analysis.symmetric)
    throw new BadArgumentError('method', 'cg', '"direct" for a kernel that is not symmetric');
  if (shift === 0) throw noRidge();
  const { conjugateGradients, denseOperator, nystrom, requireSolved } = await import('../operators/index.js');
  const operator = denseOperator(ndarray<'float64'>(matrix, [size, size]));
  const approximation = await nystrom(operator, SKETCH, 0, options);
  const system = { shift, right: targets };
  const [solution] = await conjugateGradients(operator, [system], { approximation, tolerance, ...options });
  const { x, iterations } = requireSolved(solution!, tolerance);
  return { coefficients: x, rank: size, iterations };
};

/**
 * Kernel least squares: the minimum-norm solution of (K + λσI) a = y, and predictions K_*ᵀ a. With ridge 0 it is
 * the end of gradient flow on the linearized model; it is the protocol's solver of symmetric kernels (docs/theory.md,
 * Solvers and grids).
 *
 * @example
 * ```ts
 * const solver = await createSolver({ solver: 'lstsq', ridge: 0.01 }).fit(train);
 * const scores = solver.predict(test);
 * ```
 */
export const lstsq = defineSolver({
  name: 'lstsq',
  title: 'squared loss + ridge',
  purpose: "as the reference's default, and for the end of training with squared loss; start here",
  fits: 'scores',
  kernels: 'any',
  auto: true,
  complexity: 0,
  options: {
    // First, so that it is known which ridges go with it.
    method: { default: 'direct', oneOf: ['direct', 'cg'], grid: 'method' },
    ridge,
    f0Scale,
  },
  refuse: ({ method, ridge: asked }) => (method === 'cg' && asked === 0 ? noRidge() : undefined),
  solve: async (problem: Problem<LstsqOptions>): Promise<LstsqSolution> => {
    const { analysis, targets, shift, options } = problem;
    if (problem.settings.method === 'cg') return solveByIterations(problem);
    return analysis.symmetric ? solveShifted(analysis, targets, shift, options) : solveGeneral(problem);
  },
  solution: ({ examples, logits }) => ({ coefficients: examples * logits, rank: 'number' }),
});
