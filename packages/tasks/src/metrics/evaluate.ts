import { BadArgumentError, type Example } from '@ntk-lens/core';
import type { MetricName } from '../spec/metric-name.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { accuracy, f1, matthews } from './classification.js';
import { pearson, spearman } from './correlation.js';

const metrics: Readonly<
  Record<MetricName, (predicted: ArrayLike<number>, gold: ArrayLike<number>) => number>
> = { accuracy, f1, matthews, pearson, spearman };

/** A task's metrics by name, as fractions. */
export type Scores = Readonly<Partial<Record<MetricName, number>>>;

/**
 * Computes a task's metrics.
 *
 * @example
 * ```ts
 * const scores = evaluate(task, predictions, goldOf(task, test));
 * scores[task.metrics[0]]; // the metric that is reported and that selects
 * ```
 * @param task whose `metrics` to compute
 * @param predicted label indices, or scores for regression
 * @param gold as {@link goldOf} gives it
 * @throws BadArgumentError if the lengths differ or are 0
 */
export const evaluate = (
  task: Pick<TaskSpec, 'metrics'>,
  predicted: ArrayLike<number>,
  gold: ArrayLike<number>,
): Scores => Object.fromEntries(task.metrics.map((name) => [name, metrics[name](predicted, gold)]));

/**
 * The answers that predictions are compared with: the index of each example's label, or its score for
 * regression.
 *
 * @throws BadArgumentError for a label that the task does not have
 */
export const goldOf = (
  task: Pick<TaskSpec, 'kind' | 'labels'>,
  examples: readonly Pick<Example, 'label'>[],
): number[] =>
  examples.map(({ label }) => {
    if (task.kind === 'regression') return Number(label);
    const index = task.labels.indexOf(label);
    if (index < 0) throw new BadArgumentError('label', label, `one of ${task.labels.join(', ')}`);
    return index;
  });
