import { type LongTaskOptions, type NDArray, ndarray, type SplitName } from '@ntk-lens/core';
import { regressionSolvers, type SolverGrids, selectOnDev, solverCandidates } from '@ntk-lens/solvers';
import { evaluate, majorityBaseline, type Scores, type TaskSpec } from '@ntk-lens/tasks';
import type { MethodScores, SolvedSplits } from './solve-splits.js';
import type { KernelSplits } from './store/kernel-files.js';

export interface RegressionRequest extends SolverGrids {
  readonly task: TaskSpec;
  readonly gold: Readonly<Record<SplitName, readonly number[]>>;
}

/**
 * Mean score, zero-shot and kernel results of a regression with one output f = logit(high) − logit(low). A score y of
 * [low, high] is the target 2(y − low)/(high − low) − 1, as labels are −1 and 1 in binary mode; predictions go back
 * by the same line. Zero-shot is low + (high − low)·σ(f), LM-BFF's probability of the high word.
 *
 * @param splits kernels `[N, 1, query, 1]`
 * @throws BadArgumentError for a solver of labels, and what the solver throws on kernels it cannot take
 */
export const solveRegression = async (
  splits: KernelSplits,
  request: RegressionRequest,
  options: LongTaskOptions = {},
): Promise<SolvedSplits> => {
  const { task, gold } = request;
  regressionSolvers(request.solver);
  const [low, high] = task.range ?? [0, 1];
  const [metric] = task.metrics;
  const both = (of: (split: 'dev' | 'test') => Scores): MethodScores => ({
    dev: of('dev'),
    test: of('test'),
  });
  const targets = ndarray<'float64'>(
    Float64Array.from(gold.train, (score) => (2 * (score - low)) / (high - low) - 1),
    [gold.train.length, 1],
  );
  const predicted = ({ data }: NDArray<'float64'>): number[] =>
    Array.from(data, (p) => low + ((high - low) * (p + 1)) / 2);
  const selection = await selectOnDev({
    train: splits.train,
    dev: splits.dev,
    candidates: solverCandidates(request, { hasLogits: true, asymmetric: false }),
    targets,
    metric: (scores) => evaluate(task, predicted(scores), gold.dev)[metric] ?? Number.NaN,
    ...options,
  });
  const zeroShot = (split: 'dev' | 'test'): number[] =>
    Array.from(splits[split].logits.data, (f) => low + (high - low) / (1 + Math.exp(-f)));
  return {
    majority: both((split) => majorityBaseline(task, gold[split]).scores),
    zeroShot: both((split) => evaluate(task, zeroShot(split), gold[split])),
    kernel: {
      solver: selection.solver.name,
      chosen: selection.rows.find((row) => row.chosen)?.options ?? {},
      ...both((split) => evaluate(task, predicted(selection.solver.predict(splits[split])), gold[split])),
      search: selection.rows,
      diagnostics: selection.solver.diagnostics,
      warnings: selection.warnings.map(({ message }) => message),
    },
  };
};
