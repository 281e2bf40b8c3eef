import type { TaskSpec } from '../spec/task-spec.js';
import { evaluate, type Scores } from './evaluate.js';

/**
 * The baseline that knows only how labels are distributed: it always predicts the most frequent one (the first of them
 * on a tie), or the mean score for regression.
 *
 * @example
 * ```ts
 * majorityBaseline(task, goldOf(task, test)).scores.accuracy; // 0.5, since half of the examples have the first label
 * ```
 * @param task whose `kind` and `metrics` to use
 * @param gold as `goldOf` gives it
 * @param seen labels from which the prediction is taken; those of the evaluated set if not given, as LM-BFF reports it
 *   (a k-shot training set is balanced, so it has no majority)
 * @throws BadArgumentError if there are no labels
 */
export const majorityBaseline = (
  task: Pick<TaskSpec, 'kind' | 'metrics'>,
  gold: readonly number[],
  seen: readonly number[] = gold,
): { readonly prediction: number; readonly scores: Scores } => {
  const prediction = task.kind === 'regression' ? mean(seen) : mode(seen);
  return {
    prediction,
    scores: evaluate(
      task,
      gold.map(() => prediction),
      gold,
    ),
  };
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const mode = (values: readonly number[]): number => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return Math.min(...[...counts].filter(([, count]) => count === most).map(([value]) => value));
};
