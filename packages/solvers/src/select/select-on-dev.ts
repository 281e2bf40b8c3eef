import {
  BadArgumentError,
  type KernelSplit,
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

export interface SelectOptions extends FitOptions {
  readonly train: KernelSplit;
  readonly dev: KernelSplit;
  readonly candidates: readonly CandidateSpec[];
  readonly metric: Metric;
}

/** A candidate as JSON can hold it. */
const described = ({ solver, ...options }: CandidateSpec): Pick<SearchRow, 'solver' | 'options'> => ({
  solver: solverOf(solver).name,
  options: Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isFinite(value) ? null : value,
    ]),
  ),
});

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
  const { train, dev, candidates, metric, onProgress, ...given } = options;
  const { signal } = given;
  if (candidates.length === 0) throw new BadArgumentError('candidates', 'none', 'at least one solver');
  const report = (done: number, detail?: string): void =>
    onProgress?.({ phase: 'select', done, total: candidates.length, unit: 'candidates', detail });
  /** The progress of a candidate is a detail of the search. */
  const fitOptions = (tried: number): FitOptions => ({
    ...given,
    onProgress: ({ phase, done, total }) =>
      report(tried, total === undefined ? phase : `${phase} ${done}/${total}`),
  });
  const rows: SearchRow[] = [];
  let best: { readonly at: number; readonly spec: CandidateSpec; readonly dev: number } | undefined;
  let lastError: unknown;
  for (const [at, spec] of candidates.entries()) {
    throwIfCancelled(signal, 'Selection on dev');
    report(at);
    const solver = createSolver(spec as SolverSpec);
    let score = Number.NaN;
    let error: string | undefined;
    try {
      score = metric((await solver.fit(train, fitOptions(at))).predict(dev), dev.labels);
    } catch (caught) {
      if (!(caught instanceof NtkLensError) || caught.kind !== 'failure') throw caught;
      lastError = caught;
      error = caught.message;
    }
    const warnings = solver.warnings.map(({ message }) => message);
    rows.push({
      ...described(spec),
      dev: Number.isNaN(score) ? null : score,
      chosen: false,
      warnings,
      error,
    });
    const tied = score === best?.dev && compareSimplicity(spec, best.spec) < 0;
    if ((!best && !Number.isNaN(score)) || score > (best?.dev ?? Number.NaN) || tied)
      best = { at, spec, dev: score };
  }
  if (best === undefined) {
    throw lastError ?? new BadArgumentError('metric', 'NaN for every candidate', 'a number on dev');
  }
  const { at: chosen, spec, dev: score } = best;
  const solver = await createSolver(spec as SolverSpec).fit(train, fitOptions(candidates.length));
  report(candidates.length);
  return {
    spec,
    solver,
    dev: score,
    rows: rows.map((row, at) => ({ ...row, chosen: at === chosen })),
    warnings: solver.warnings,
  };
};
