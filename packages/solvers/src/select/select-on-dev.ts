import {
  BadArgumentError,
  type KernelSplit,
  type LongTaskOptions,
  type NDArray,
  NtkLensError,
  throwIfCancelled,
} from '@ntk-lens/core';
import type { KernelSolver } from '../definition/kernel-solver.js';
import type { FitOptions, SolverWarning } from '../definition/solver-definition.js';
import { type CandidateSpec, type SolverSpec, solverOf } from '../solvers/index.js';
import { createSolver } from './create-solver.js';
import { compareSimplicity } from './simplicity.js';

/** Higher is better. */
export type Metric = (scores: NDArray<'float64'>, labels: NDArray<'int32'>) => number;

/** One tried candidate, ready for JSON (an infinite f0Scale is `null`, as in "not used"). */
export interface SearchRow {
  readonly solver: string;
  readonly options: Readonly<Record<string, number | string | boolean | null>>;
  /** Metric on dev; null when the candidate failed or its metric is NaN. */
  readonly dev: number | null;
  readonly chosen: boolean;
  readonly warnings: readonly string[];
  readonly error?: string;
}

export interface Selection {
  readonly spec: CandidateSpec;
  /** Fitted on the train split. */
  readonly solver: KernelSolver;
  readonly dev: number;
  /** The whole search path, in the order of the candidates. */
  readonly rows: readonly SearchRow[];
  readonly warnings: readonly SolverWarning[];
}

export interface SelectOptions extends LongTaskOptions {
  readonly train: KernelSplit;
  readonly dev: KernelSplit;
  readonly candidates: readonly CandidateSpec[];
  readonly metric: Metric;
  readonly targets?: FitOptions['targets'];
}

interface Trial {
  readonly spec: CandidateSpec;
  readonly dev: number;
  readonly warnings: readonly SolverWarning[];
  readonly error?: string;
}

const rowOf = (trial: Trial, chosen: boolean): SearchRow => {
  const { solver, ...options } = trial.spec;
  return {
    solver: solverOf(solver).name,
    options: Object.fromEntries(
      Object.entries(options).map(([name, value]) => [
        name,
        typeof value === 'number' && !Number.isFinite(value) ? null : (value as number | string | boolean),
      ]),
    ),
    dev: Number.isNaN(trial.dev) ? null : trial.dev,
    chosen,
    warnings: trial.warnings.map(({ message }) => message),
    error: trial.error,
  };
};

/**
 * Fits every candidate on train, scores it on dev and returns the best, refitted on train. Equal scores go to the
 * simpler candidate ({@link compareSimplicity}). The kernel is decomposed once for all candidates. A candidate that
 * does not converge is recorded in its row and passed over; bad input stops the search.
 *
 * @example
 * ```ts
 * const { spec, solver, rows } = await selectOnDev({
 *   train, dev, candidates: solverGrid('lstsq', { ridge: ridgeGrid, f0Scale: f0ScaleGrid }), metric: accuracy,
 * });
 * const test = accuracy(solver.predict(testSplit), testSplit.labels);
 * ```
 * @throws BadArgumentError without candidates; the error of the last candidate when none could be scored
 */
export const selectOnDev = async (options: SelectOptions): Promise<Selection> => {
  const { train, dev, candidates, metric, targets, signal, onProgress } = options;
  if (candidates.length === 0) throw new BadArgumentError('candidates', 'none', 'at least one solver');
  const report = (done: number, detail?: string): void =>
    onProgress?.({ phase: 'select', done, total: candidates.length, unit: 'candidates', detail });
  /** What a candidate reports is a detail of the search. */
  const fitOptions = (tried: number): FitOptions => ({
    targets,
    signal,
    onProgress: ({ phase, done, total }) =>
      report(tried, total === undefined ? phase : `${phase} ${done}/${total}`),
  });
  const trials: Trial[] = [];
  let best: Trial | undefined;
  let lastError: unknown;
  for (const [i, spec] of candidates.entries()) {
    throwIfCancelled(signal, 'Selection on dev');
    report(i);
    const solver = createSolver(spec as SolverSpec);
    let trial: Trial;
    try {
      await solver.fit(train, fitOptions(i));
      trial = { spec, dev: metric(solver.predict(dev), dev.labels), warnings: solver.warnings };
    } catch (error) {
      if (!(error instanceof NtkLensError) || error.kind !== 'failure') throw error;
      lastError = error;
      trial = { spec, dev: Number.NaN, warnings: [], error: error.message };
    }
    trials.push(trial);
    const better =
      !Number.isNaN(trial.dev) &&
      (best === undefined ||
        trial.dev > best.dev ||
        (trial.dev === best.dev && compareSimplicity(trial.spec, best.spec) < 0));
    if (better) best = trial;
  }
  if (best === undefined) {
    throw lastError ?? new BadArgumentError('metric', 'NaN for every candidate', 'a number on dev');
  }
  const solver = await createSolver(best.spec as SolverSpec).fit(train, fitOptions(candidates.length));
  report(candidates.length);
  const chosen = best;
  return {
    spec: chosen.spec,
    solver,
    dev: chosen.dev,
    rows: trials.map((trial) => rowOf(trial, trial === chosen)),
    warnings: solver.warnings,
  };
};
