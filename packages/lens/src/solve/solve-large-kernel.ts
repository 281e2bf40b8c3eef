import { ConflictingOptionsError, perSplit, withDefaults } from '@ntk-lens/core';
import { regressionSolvers, type SolverGrids } from '@ntk-lens/solvers';
import {
  checkStoredKernel,
  type MatrixFreeSpec,
  matrixFreeCandidates,
  rowsOperator,
  transposed,
} from '@ntk-lens/solvers/matrix-free';
import { blockBytesOf, type LargeKernel, refuseAsymmetric } from '../kernel/large-kernel.js';
import { type Answered, answersOf, metricsOf } from './answers.js';
import { productsOn } from './products.js';
import { type IterationLimits, type SolvedByProducts, solveByProducts } from './solve-by-products.js';
import { defaultGrids, type SolveOptions } from './solve-kernel.js';

/** Options of {@link solveLargeKernel}. */
export interface SolveLargeOptions extends Omit<SolveOptions, 'diagnostics'>, IterationLimits {
  /** The task and the choice that the kernel was computed from: its scores are targets of a regression. */
  readonly origin?: Answered['origin'];
}

/**
 * The candidates of grids that solve a kernel which is larger than memory. A ridge of 0 and the end of gradient flow are left out.
 *
 * @throws ConflictingOptionsError for the method `direct`, BadArgumentError for solvers that need the kernel in memory
 */
export const largeKernelCandidates = (
  grids: SolverGrids,
  traits: { readonly hasLogits: boolean } = { hasLogits: true },
): readonly MatrixFreeSpec[] => {
  if (grids.method === 'direct')
    throw new ConflictingOptionsError(
      '`method` direct factors a kernel in memory, and this one is larger than `memory`: its rows are read block by block.',
      'Leave `method` out or choose cg, or raise `memory`.',
    );
  return matrixFreeCandidates(grids, traits);
};

/**
 * Solves a kernel that is larger than memory, as `solveKernel` does one in memory: its rows are read block by block, once for
 * every iteration of all candidates together. Solutions are those of a factorization up to `tolerance`, the residual relative to
 * the targets (docs/scale.md, Kernels larger than memory).
 *
 * @example
 * ```ts
 * const large = await openLargeKernel('runs/large', 2 ** 30);
 * if (large) console.log((await solveLargeKernel(large, { ridge: [0.01, 0.1] })).test.accuracy);
 * ```
 * @throws LargeKernelError for an asymmetric formula and for a budget that is too small, ConflictingOptionsError and
 *   BadArgumentError for solvers that need the kernel in memory, before any work; what solvers throw on kernels that they cannot
 *   take; ConvergenceError where no candidate converges; CancelledError
 */
export const solveLargeKernel = async (
  kernel: LargeKernel,
  options: SolveLargeOptions = {},
): Promise<SolvedByProducts> => {
  const {
    signal,
    onProgress,
    metrics: asked,
    threads,
    origin,
    tolerance,
    maxIterations,
    store,
    ...given
  } = options;
  const { splits, hasLogits, identity, memory } = kernel;
  const grids = withDefaults(defaultGrids, given);
  refuseAsymmetric(kernel);
  const candidates = largeKernelCandidates(grids, { hasLogits });
  const blockBytes = blockBytesOf(splits, memory);
  const answers = answersOf({ splits, identity, origin });
  if (answers.targets) regressionSolvers(grids.solver);
  await checkStoredKernel(splits.train.kernel, { blockBytes, signal, onProgress });
  const addProduct = productsOn(threads);
  return solveByProducts({
    splits: perSplit((split) => {
      const { kernel: rows, logits, labels } = splits[split];
      const own = rowsOperator(rows, { symmetric: split === 'train', addProduct, blockBytes });
      return { kernel: split === 'train' ? own : transposed(own), logits, labels };
    }),
    ...{ answers, candidates, hasLogits, metrics: asked ?? metricsOf(identity['metrics']) },
    ...{ tolerance, maxIterations, store, signal, onProgress },
  });
};
