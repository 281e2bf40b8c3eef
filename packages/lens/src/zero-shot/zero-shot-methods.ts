import type { NDArray, SplitName } from '@ntk-lens/core';
import { calibrate, contentFreePrior, ensembleLogits } from '@ntk-lens/prompts';
import { predictedLabels } from '@ntk-lens/solvers';
import { evaluate, type Scores, type TaskSpec } from '@ntk-lens/tasks';
import type { MethodScores } from '../solve-splits.js';
import { contentFree, type LabelScorer, scoreLabels } from './score-labels.js';

/** One way of asking the model without training it. */
export interface ZeroShotMethod extends MethodScores {
  /** Such as `zero-shot, calibrated`. */
  readonly name: string;
}

type Evaluated = Exclude<SplitName, 'train'>;
const evaluated: readonly Evaluated[] = ['dev', 'test'];

/** Predictions from scores of labels: the best label's index; for regression the scaled probability of the high pole. */
export const predictionsOf = (task: TaskSpec, scores: NDArray<'float64'>): ArrayLike<number> => {
  if (task.kind === 'classification') return predictedLabels(scores).data;
  const [low, high] = task.range ?? [0, 1];
  return Array.from({ length: scores.shape[0]! }, (_, i) => {
    const difference = scores.data[2 * i]! - scores.data[2 * i + 1]!;
    return low + (high - low) / (1 + Math.exp(difference));
  });
};

/**
 * Zero-shot on dev and test: in the first context; averaged over all contexts of demonstrations, if there are
 * several; and, if asked for, contextually calibrated (Zhao et al. 2021) in each context before averaging.
 *
 * @param gold label indices, or scores for regression
 */
export const zeroShotMethods = async (
  scorer: LabelScorer,
  gold: Readonly<Record<SplitName, readonly number[]>>,
  calibrated: boolean,
): Promise<readonly [ZeroShotMethod, ...ZeroShotMethod[]]> => {
  const { task, prompts } = scorer;
  const plain: Record<Evaluated, NDArray<'float64'>[]> = { dev: [], test: [] };
  const fair: Record<Evaluated, NDArray<'float64'>[]> = { dev: [], test: [] };
  for (const context of prompts.contexts) {
    const like = context.dev[0] ?? context.test[0];
    const prior =
      calibrated && like
        ? contentFreePrior(await scoreLabels(scorer, 'dev', contentFree(scorer, like)))
        : undefined;
    for (const split of evaluated) {
      const scores = await scoreLabels(scorer, split, context[split]);
      plain[split].push(scores);
      if (prior) fair[split].push(calibrate(scores, prior));
    }
  }
  const method = (name: string, of: (split: Evaluated) => NDArray<'float64'>): ZeroShotMethod => {
    const score = (split: Evaluated): Scores => evaluate(task, predictionsOf(task, of(split)), gold[split]);
    return { name, dev: score('dev'), test: score('test') };
  };
  const many = prompts.contexts.length > 1;
  const contexts = `${prompts.contexts.length} contexts`;
  return [
    method('zero-shot', (split) => plain[split][0]!),
    ...(many ? [method(`zero-shot, ${contexts}`, (split) => ensembleLogits(plain[split]))] : []),
    ...(calibrated
      ? [
          method(`zero-shot, calibrated${many ? `, ${contexts}` : ''}`, (split) =>
            ensembleLogits(fair[split]),
          ),
        ]
      : []),
  ];
};
