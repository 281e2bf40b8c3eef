import { type KernelSplit, type NDArray, ndarray, type PerSplit, perSplit, splitNames } from '@ntk-lens/core';
import { isSymmetric } from '@ntk-lens/kernels/formulas';
import { MissingFlippedKernelError, predictedLabels } from '@ntk-lens/solvers';
import type { MetricName } from '@ntk-lens/tasks';
import { TaskNotPossibleError } from '../errors.js';
import { knownFormula } from '../kernel/formula-name.js';
import type { Kernel } from '../kernel/kernel.js';

/** Turns the scores of a solver into answers, and holds the answers that they are compared with. */
export interface Answers {
  /** Label indices, or scores of a regression. */
  readonly gold: PerSplit<readonly number[]>;
  /** Targets that a solver is fitted to in place of labels. */
  readonly targets?: NDArray<'float64'>;
  /** Answers of a solver. */
  of(scores: NDArray<'float64'>): ArrayLike<number>;
  /** The model's own answers, from its logits. */
  zeroShot(logits: NDArray<'float64'>): ArrayLike<number>;
}

/** The parts of a kernel that its answers depend on. */
export interface Answered extends Pick<Kernel, 'identity' | 'origin'> {
  readonly splits: PerSplit<Pick<KernelSplit, 'labels'>>;
}

const isRegression = ({ identity }: Answered): boolean =>
  Array.isArray(identity['metrics']) && identity['metrics'].includes('pearson');

/** @throws TaskNotPossibleError for the kernel of a regression that was loaded: its scores are not in its directory */
export const answersOf = (kernel: Answered): Answers =>
  isRegression(kernel) ? scoresOf(kernel) : labelsOf(kernel);

const labelsOf = ({ splits }: Answered): Answers => ({
  gold: perSplit((split) => Array.from(splits[split].labels.data)),
  of: (scores) => predictedLabels(scores).data,
  // The likeliest label word; in binary mode the sign of logit₁ − logit₀.
  zeroShot: (logits) =>
    logits.shape[1] === 1
      ? Int32Array.from(logits.data, (difference) => (difference > 0 ? 1 : 0))
      : predictedLabels(logits).data,
});

/**
 * Answers of a regression with one output f = logit(high) − logit(low). A score y of [low, high] is the target
 * 2(y − low)/(high − low) − 1, as labels are −1 and 1 in binary mode; predictions go back by the same line. Zero-shot is
 * low + (high − low)·σ(f), LM-BFF's probability of the high word.
 */
const scoresOf = ({ identity, origin }: Answered): Answers => {
  if (!origin)
    throw new TaskNotPossibleError(
      String(identity['task']),
      'its labels are scores, and a directory of kernels does not hold them',
      'Compute its kernel with `directory`, which reuses what is finished there, and solve that.',
    );
  const { gold, range: [low, high] = [0, 1] } = origin.task;
  const targets = Float64Array.from(gold.train, (score) => (2 * (score - low)) / (high - low) - 1);
  return {
    gold,
    targets: ndarray<'float64'>(targets, [targets.length, 1]),
    of: ({ data }) => Array.from(data, (p) => low + ((high - low) * (p + 1)) / 2),
    zeroShot: ({ data }) => Array.from(data, (f) => low + (high - low) / (1 + Math.exp(-f))),
  };
};

/**
 * Both kernels of an asymmetric formula must be there, or neither: one of them alone is half a kernel.
 *
 * @throws MissingFlippedKernelError
 */
export const checkFlipped = ({ splits, identity }: Pick<Kernel, 'splits' | 'identity'>): void => {
  const flipped = splitNames.filter((split) => splits[split].flipped !== undefined);
  const formula = knownFormula(identity['formula']);
  const asymmetric = (formula !== undefined && !isSymmetric(formula)) || flipped.length > 0;
  if (asymmetric && flipped.length < splitNames.length) throw new MissingFlippedKernelError();
};

const metricNames: readonly MetricName[] = ['accuracy', 'f1', 'matthews', 'pearson', 'spearman'];

/** The metrics that an identity names, in its order; accuracy where it names none. */
export const metricsOf = (stored: unknown): readonly [MetricName, ...MetricName[]] => {
  const names: readonly unknown[] = Array.isArray(stored) ? stored : [];
  const [first = 'accuracy', ...rest] = names.flatMap(
    (name) => metricNames.find((known) => known === name) ?? [],
  );
  return [first, ...rest];
};
