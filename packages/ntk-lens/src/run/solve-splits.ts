import type { KernelSplit, LongTaskOptions, NDArray } from '@ntk-lens/core';
import {
  type KernelDiagnostics,
  predictedLabels,
  type SearchRow,
  type SolverGrids,
  selectOnDev,
  solverCandidates,
} from '@ntk-lens/solvers';
import { evaluate, type MetricName, majorityBaseline, type Scores } from '@ntk-lens/tasks';
import type { KernelSplits } from './store/kernel-files.js';

/** Metrics of a method on dev and test, by name, as fractions. */
export interface MethodScores {
  readonly dev: Scores;
  readonly test: Scores;
}

/** What solving a kernel gave. */
export interface KernelScores extends MethodScores {
  readonly solver: string;
  /** Hyperparameters chosen on dev; null: not used. */
  readonly chosen: Readonly<Record<string, number | string | boolean | null>>;
  /** All that was tried. */
  readonly search: readonly SearchRow[];
  readonly diagnostics: KernelDiagnostics | undefined;
  readonly warnings: readonly string[];
}

export interface SolvedSplits {
  readonly majority: MethodScores;
  /** Absent when the logits of the pre-trained model are not known. */
  readonly zeroShot?: MethodScores;
  readonly kernel: KernelScores;
}

export interface SolveRequest extends SolverGrids {
  readonly metrics: readonly [MetricName, ...MetricName[]];
  readonly hasLogits: boolean;
}

/**
 * Majority, zero-shot and kernel results of stored kernels; hyperparameters are chosen on dev by the first metric.
 *
 * @throws BadArgumentError for an unknown solver, and what the solver throws on kernels it cannot take
 */
export const solveSplits = async (
  splits: KernelSplits,
  request: SolveRequest,
  options: LongTaskOptions = {},
): Promise<SolvedSplits> => {
  const task = { kind: 'classification', metrics: request.metrics } as const;
  const metric = request.metrics[0];
  const score = (predicted: ArrayLike<number>, split: KernelSplit): Scores =>
    evaluate(task, predicted, split.labels.data);
  const both = (of: (split: KernelSplit) => Scores): MethodScores => ({
    dev: of(splits.dev),
    test: of(splits.test),
  });

  const selection = await selectOnDev({
    train: splits.train,
    dev: splits.dev,
    candidates: solverCandidates(request, {
      hasLogits: request.hasLogits,
      asymmetric: splits.train.flipped !== undefined,
    }),
    metric: (scores, labels) =>
      evaluate(task, predictedLabels(scores).data, labels.data)[metric] ?? Number.NaN,
    ...options,
  });
  const chosen = selection.rows.find((row) => row.chosen)?.options ?? {};
  return {
    majority: both((split) => majorityBaseline(task, Array.from(split.labels.data)).scores),
    ...(request.hasLogits && { zeroShot: both((split) => score(zeroShotLabels(split.logits), split)) }),
    kernel: {
      solver: selection.solver.name,
      chosen,
      ...both((split) => score(predictedLabels(selection.solver.predict(split)).data, split)),
      search: selection.rows,
      diagnostics: selection.solver.diagnostics,
      warnings: selection.warnings.map(({ message }) => message),
    },
  };
};

/** The model's own answers: the likeliest label word; in binary mode the sign of logit₁ − logit₀. */
export const zeroShotLabels = (logits: NDArray<'float64'>): Int32Array =>
  logits.shape[1] === 1
    ? Int32Array.from(logits.data, (difference) => (difference > 0 ? 1 : 0))
    : predictedLabels(logits).data;
