import { type LongTaskOptions, withDefaults } from '@ntk-lens/core';
import {
  type KernelDiagnostics,
  type KernelSolver,
  regressionSolvers,
  type SearchRow,
  type SolverGrids,
  selectOnDev,
  solverCandidates,
} from '@ntk-lens/solvers';
import { evaluate, type MetricName, majorityBaseline, type Scores } from '@ntk-lens/tasks';
import type { Kernel } from '../kernel/kernel.js';
import { type Answers, answersOf, checkFlipped, metricsOf } from './answers.js';
import { productsOn } from './products.js';

/** Metrics on dev and test, by name, as fractions. */
export interface MethodScores {
  readonly dev: Scores;
  readonly test: Scores;
}

/** Options of `solveKernel`: grids to choose from on dev, and how they are judged. */
export interface SolveOptions extends Partial<SolverGrids>, LongTaskOptions {
  /** Default: the metrics of the kernel's task, else accuracy. The first one chooses. */
  readonly metrics?: readonly [MetricName, ...MetricName[]];
  /** Threads of large products of matrices in Node; default: all cores. */
  readonly threads?: number;
  /** Whether diagnostics of the kernel are reported; default: for up to 4,096 rows (`FitOptions` of `@ntk-lens/solvers`). */
  readonly diagnostics?: boolean;
}

/** A solved kernel: scores of what dev chose. */
export interface Solved extends MethodScores {
  readonly solver: string;
  /** Hyperparameters chosen on dev; null: not used. */
  readonly chosen: Readonly<Record<string, number | string | boolean | null>>;
  /** All that was tried. */
  readonly search: readonly SearchRow[];
  readonly diagnostics: KernelDiagnostics | undefined;
  readonly warnings: readonly string[];
  /** The most frequent label; the mean score of a regression. */
  readonly majority: MethodScores;
  /** Absent when the logits of the pre-trained model are not known. */
  readonly zeroShot?: MethodScores;
  readonly metrics: readonly [MetricName, ...MetricName[]];
  readonly kernel: Kernel;
  /** Predicts from kernels between the training examples and others. */
  readonly fitted: KernelSolver;
}

/** The protocol's grids (docs/theory.md, Solvers and grids). */
export const defaultGrids: SolverGrids = {
  solver: 'lstsq',
  ridge: [0, 0.001, 0.01, 0.1, 1],
  f0Scales: [10, 100, 1000, 10000, null],
};

/**
 * Majority, zero-shot and kernel results of a kernel; hyperparameters are chosen on dev by the first metric. Needs no model.
 *
 * @example
 * ```ts
 * const { test, chosen } = await solveKernel(await loadKernel('kernels/sgd'), { solver: 'auto' });
 * ```
 * @throws BadArgumentError for an unknown solver, or one of labels on a regression; MissingFlippedKernelError;
 *   TaskNotPossibleError for the kernel of a regression that was loaded; what solvers throw on kernels they cannot take
 */
export const solveKernel = async (kernel: Kernel, options: SolveOptions = {}): Promise<Solved> => {
  const { splits, hasLogits } = kernel;
  const { signal, onProgress, metrics: asked, threads, diagnostics, ...given } = options;
  const grids = withDefaults(defaultGrids, given);
  checkFlipped(kernel);
  const metrics = asked ?? metricsOf(kernel.identity['metrics']);
  const answers = answersOf(kernel);
  if (answers.targets) regressionSolvers(grids.solver);
  const { score, both, majority } = scoring(answers, metrics);
  const { solver, rows, warnings } = await selectOnDev({
    ...{ train: splits.train, dev: splits.dev, targets: answers.targets, signal, onProgress },
    ...{ addProduct: productsOn(threads), diagnostics },
    candidates: solverCandidates(grids, { hasLogits, asymmetric: splits.train.flipped !== undefined }),
    metric: (scores) => score('dev', answers.of(scores))[metrics[0]] ?? Number.NaN,
  });
  return {
    ...both((split) => score(split, answers.of(solver.predict(splits[split])))),
    solver: solver.name,
    chosen: rows.find((row) => row.chosen)?.options ?? {},
    search: rows,
    diagnostics: solver.diagnostics,
    warnings: [...warnings.map(({ message }) => message), ...oneSided(answers)],
    majority,
    zeroShot: hasLogits ? both((split) => score(split, answers.zeroShot(splits[split].logits))) : undefined,
    ...{ metrics, kernel, fitted: solver },
  };
};

/** Answers on dev and test as scores, and what the majority scores. */
export const scoring = (
  { targets, gold }: Answers,
  metrics: readonly [MetricName, ...MetricName[]],
): {
  score(split: 'dev' | 'test', predicted: ArrayLike<number>): Scores;
  both(of: (split: 'dev' | 'test') => Scores): MethodScores;
  readonly majority: MethodScores;
} => {
  const task = { kind: targets ? 'regression' : 'classification', metrics } as const;
  const both = (of: (split: 'dev' | 'test') => Scores): MethodScores => ({
    dev: of('dev'),
    test: of('test'),
  });
  return {
    score: (split, predicted) => evaluate(task, predicted, gold[split]),
    both,
    majority: both((split) => majorityBaseline(task, Array.from(gold[split])).scores),
  };
};

/** Sets on which one answer is right for every example, whatever a solver is worth. */
export const oneSided = ({ gold }: Answers): string[] =>
  (['dev', 'test'] as const)
    .filter((split) => new Set(gold[split]).size === 1)
    .map((split) =>
      split === 'dev'
        ? 'all development examples have one label, so a choice made on them says little. Draw more examples per label.'
        : 'all test examples have one label: a score on them says little.',
    );
