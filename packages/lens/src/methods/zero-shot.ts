import type { LongTaskOptions, NDArray } from '@ntk-lens/core';
import { calibrate, contentFreePrior, ensembleLogits } from '@ntk-lens/prompts';
import { predictedLabels } from '@ntk-lens/solvers';
import { evaluate, type Scores, type TaskSpec } from '@ntk-lens/tasks';
import { TaskNotPossibleError } from '../errors.js';
import type { Session } from '../session/session.js';
import type { MethodScores } from '../solve/solve-kernel.js';
import type { LensTask } from '../task/lens-task.js';
import { contentFree, scoreLabels } from './score-labels.js';

/** Options of `lens.zeroShot`. */
export interface ZeroShotOptions extends LongTaskOptions {
  /** Also contextually calibrated (Zhao et al. 2021). */
  readonly calibrate?: boolean;
}

/** One way of asking the model without training it. */
export interface ZeroShotMethod extends MethodScores {
  /** Such as `zero-shot, calibrated`. */
  readonly name: string;
}

type Evaluated = 'dev' | 'test';
const evaluated: readonly Evaluated[] = ['dev', 'test'];

/** Predictions from scores of labels: the best label's index; for regression the scaled probability of the high pole. */
const predictionsOf = (task: TaskSpec, scores: NDArray<'float64'>): ArrayLike<number> => {
  if (task.kind === 'classification') return predictedLabels(scores).data;
  const [low, high] = task.range ?? [0, 1];
  return Array.from({ length: scores.shape[0]! }, (_, i) => {
    const difference = scores.data[2 * i]! - scores.data[2 * i + 1]!;
    return low + (high - low) / (1 + Math.exp(difference));
  });
};

/**
 * `lens.zeroShot` on dev and test: in the first context; averaged over all contexts of demonstrations, if there are
 * several; and, if asked for, contextually calibrated in each context before averaging.
 */
export const zeroShot = async (
  session: Session,
  { spec, prompt, gold }: LensTask,
  { calibrate: calibrated = false, ...long }: ZeroShotOptions = {},
): Promise<readonly [ZeroShotMethod, ...ZeroShotMethod[]]> => {
  if (!prompt)
    throw new TaskNotPossibleError(
      spec.name,
      'it was opened without a prompt, and zero-shot reads the label words of one',
      'Open it with its prompt.',
    );
  const { contexts } = prompt.texts;
  const plain: Record<Evaluated, NDArray<'float64'>[]> = { dev: [], test: [] };
  const fair: Record<Evaluated, NDArray<'float64'>[]> = { dev: [], test: [] };
  for (const context of contexts) {
    const like = context.dev[0] ?? context.test[0];
    const prior =
      calibrated && like
        ? contentFreePrior(await scoreLabels(session, prompt, 'dev', contentFree(spec, session, like), long))
        : undefined;
    for (const split of evaluated) {
      const scores = await scoreLabels(session, prompt, split, context[split], long);
      plain[split].push(scores);
      if (prior) fair[split].push(calibrate(scores, prior));
    }
  }
  const method = (name: string, of: (split: Evaluated) => NDArray<'float64'>): ZeroShotMethod => {
    const score = (split: Evaluated): Scores => evaluate(spec, predictionsOf(spec, of(split)), gold[split]);
    return { name, dev: score('dev'), test: score('test') };
  };
  const several = contexts.length > 1 ? [`${contexts.length} contexts`] : [];
  const name = (...parts: readonly string[]): string => ['zero-shot', ...parts].join(', ');
  return [
    method(name(), (split) => plain[split][0]!),
    ...several.map((many) => method(name(many), (split) => ensembleLogits(plain[split]))),
    ...(calibrated ? [method(name('calibrated', ...several), (split) => ensembleLogits(fair[split]))] : []),
  ];
};
