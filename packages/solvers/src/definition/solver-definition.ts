import type { KernelSplit, NDArray } from '@ntk-lens/core';
import type { KernelAnalysis } from '../kernel/analysis.js';
import type { TrainShape } from '../kernel/split.js';
import type { Pause } from '../linalg/pause.js';
import type { LinearAlgebraOptions } from '../linalg/symmetric-eigen.js';
import type { OptionTable } from './options.js';
import type { Layout } from './saved.js';

export interface FitOptions extends LinearAlgebraOptions {
  /** Own regression targets `[N, C]`; predictions are then raw `[query, C]`, without binary doubling. */
  readonly targets?: NDArray<'float64'>;
  /**
   * Whether the fit reports diagnostics of the kernel, which need all its eigenvalues: a multiple of the time that Cholesky's
   * factor takes, which is all that a ridge needs. Default: for up to 4,096 rows.
   */
  readonly diagnostics?: boolean;
}

/** Something a fit did that its caller should know. */
export interface SolverWarning {
  readonly code: 'FEWER_EXAMPLES_THAN_FOLDS' | 'SINGULAR_SYSTEM' | 'STOPPED_EARLY';
  readonly message: string;
}

/** A solution of most solvers. */
export interface DualSolution {
  /** One per flattened (example, logit) row. */
  readonly coefficients: Float64Array;
}

/** The input of a solver: a checked and analysed train split. */
export interface Problem<O> {
  readonly split: KernelSplit;
  readonly shape: TrainShape;
  readonly analysis: KernelAnalysis;
  /** Its options, with the defaults of those that were not given. */
  readonly settings: Required<O>;
  /** f₀/s, flattened over (example, logit); zeros where f₀ is not used. */
  readonly offset: Float64Array;
  /** Targets − f₀/s, flattened. */
  readonly targets: Float64Array;
  /** λσ, the ridge times the largest singular value; 0 without a ridge. */
  readonly shift: number;
  readonly options: FitOptions;
  /** Awaited in long loops, so that progress and cancellation live. */
  readonly pause: Pause;
  warn(warning: SolverWarning): void;
}

/**
 * A solver: how it is fitted and predicts, and everything that is asked about it elsewhere. Names, specifications, the
 * candidates of a selection, saved JSON and help follow from it. Adding one is a file like `svr.ts` and a line in
 * `all.ts`; one of your own needs neither.
 */
export interface SolverDefinition<N extends string = string, O = object, S = object> {
  /** In options, on the command line and in files. */
  readonly name: N;
  /** The objective that it minimizes. */
  readonly title: string;
  /** When to choose it, as the rest of a sentence: "for parity with the reference". */
  readonly purpose: string;
  /** Labels only, or any scores. */
  readonly fits: 'labels' | 'scores';
  /** Kernels that it is made for: symmetric ones, those that have a flipped kernel, or any. */
  readonly kernels: 'symmetric' | 'flipped' | 'any';
  /** It takes kernels of one logit only. */
  readonly singleOutput?: boolean;
  /** Whether `auto` tries it on the kernels that it is made for: its answers differ and a grid can afford it. */
  readonly auto: boolean;
  /** Its place among solvers, the simplest first: ties on dev go by it. */
  readonly complexity: number;
  readonly options: OptionTable<O>;
  /** An error for options that are in range but do not go together; nothing if they do. */
  refuse?(given: O): Error | undefined;
  solve(problem: Problem<O>): Promise<S> | S;
  /** Flattened predictions `[query · C]`, without f₀. Default: K_*ᵀ `coefficients` − `rho`. */
  decide?(solution: S, split: KernelSplit, shape: TrainShape, settings: Required<O>): Float64Array;
  /**
   * Fields of the solution in saved JSON.
   *
   * @param saved the solution as it was found, not checked yet
   */
  solution(shape: TrainShape, saved: Partial<S>): { readonly [K in keyof S]: Layout };
}

/**
 * A solver as a value, whose type knows its name, options and solution.
 *
 * @example
 * ```ts
 * const mean = defineSolver({
 *   name: 'kernel-mean',
 *   title: 'mean of the targets, weighted by the kernel',
 *   purpose: 'as a baseline',
 *   fits: 'scores',
 *   kernels: 'symmetric',
 *   auto: false,
 *   complexity: 8,
 *   options: {},
 *   solve: ({ targets }) => ({ coefficients: targets.map((y) => y / targets.length) }),
 *   solution: ({ examples, logits }) => ({ coefficients: examples * logits }),
 * });
 * const solver = await createSolver({ solver: mean }).fit(train);
 * ```
 * @experimental
 */
export const defineSolver = <N extends string, O, S extends object>(
  definition: SolverDefinition<N, O, S>,
): SolverDefinition<N, O, S> => definition;
