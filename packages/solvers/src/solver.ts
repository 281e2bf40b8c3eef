import type { KernelSplit, LongTaskOptions, NDArray } from '@ntk-lens/core';
import type { KernelDiagnostics } from './diagnostics.js';

export interface FitOptions extends LongTaskOptions {
  /** Own regression targets `[N, C]`; predictions are then raw `[query, C]`, without binary doubling. */
  readonly targets?: NDArray<'float64'>;
}

/** Something a fit did that its caller should know. */
export interface SolverWarning {
  readonly code: 'FEWER_EXAMPLES_THAN_FOLDS' | 'SINGULAR_SYSTEM' | 'STOPPED_EARLY';
  readonly message: string;
}

/** A fitted solver as JSON: everything `predict` needs. Infinite numbers are written as strings. */
export interface SolverJson {
  readonly format: 'ntk-lens-solver';
  readonly version: 1;
  readonly solver: string;
  readonly [field: string]: unknown;
}

/**
 * A kernel method: fitted on the train block of a kernel, it predicts from train × query blocks.
 *
 * @example
 * ```ts
 * const solver = await new LstsqSolver({ ridge: 0.01, f0Scale: 1000 }).fit(train);
 * const scores = solver.predict(test); // [query, label]
 * ```
 */
export interface KernelSolver {
  readonly name: string;
  /** Of the kernel and targets of the last fit. */
  readonly diagnostics: KernelDiagnostics | undefined;
  readonly warnings: readonly SolverWarning[];
  /** Fits to a train split, kernel `[N, C, N, C]`; resolves to the solver itself. */
  fit(train: KernelSplit, options?: FitOptions): Promise<this>;
  /** Scores float64 `[query, labels]`, the largest per row is the prediction; binary mode gives (−p, p). */
  predict(split: KernelSplit): NDArray<'float64'>;
  /** The fitted solver as plain JSON; the class's `fromJSON` reads it back. */
  toJSON(): SolverJson;
}
