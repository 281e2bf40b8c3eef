import type { LongTaskOptions, PerSplit } from '@ntk-lens/core';
import {
  type IterationStore,
  type MatrixFreeSelection,
  type MatrixFreeSpec,
  type OperatorSplit,
  selectMatrixFree,
} from '@ntk-lens/solvers/matrix-free';
import type { MetricName } from '@ntk-lens/tasks';
import type { Answers } from './answers.js';
import { oneSided, type Solved, scoring } from './solve-kernel.js';
import { type SolvedPredictions, solvedPredictions } from './split-predictions.js';

/** The end of iterations, and the place that keeps them. */
export interface IterationLimits {
  /** Residual at which a system counts as solved, relative to its targets. Default: 1e-7. */
  readonly tolerance?: number;
  /** Iterations, at most. Default: 300. */
  readonly maxIterations?: number;
  /** Keeps iterations that are done, so that an interrupted call goes on, to the same bytes. One store is for one call. */
  readonly store?: IterationStore;
}

/** Scores and answers of a kernel that was solved by its products. */
export interface SolvedByProducts
  extends Pick<
    Solved,
    | 'dev'
    | 'test'
    | 'solver'
    | 'chosen'
    | 'search'
    | 'diagnostics'
    | 'warnings'
    | 'majority'
    | 'zeroShot'
    | 'metrics'
  > {
  readonly found: MatrixFreeSelection;
  /** Answers on the test set. */
  readonly predictions: SolvedPredictions;
}

export interface ProductsRequest extends IterationLimits, LongTaskOptions {
  readonly splits: PerSplit<OperatorSplit>;
  readonly answers: Answers;
  readonly candidates: readonly MatrixFreeSpec[];
  readonly metrics: readonly [MetricName, ...MetricName[]];
  /** False where the logits of the untrained model are not known. */
  readonly hasLogits: boolean;
}

/** Chooses among candidates on dev, by products with the kernels, and scores what was chosen. */
export const solveByProducts = async ({
  splits,
  answers,
  candidates,
  metrics,
  hasLogits,
  ...own
}: ProductsRequest): Promise<SolvedByProducts> => {
  const { signal, onProgress } = own;
  const { score, both, majority } = scoring(answers, metrics);
  const found = await selectMatrixFree({
    ...{ train: splits.train, dev: splits.dev, targets: answers.targets, candidates, ...own },
    metric: (scores) => score('dev', answers.of(scores))[metrics[0]] ?? Number.NaN,
  });
  const scores = {
    dev: await found.predict(splits.dev, { signal, onProgress }),
    test: await found.predict(splits.test, { signal, onProgress }),
  };
  return {
    ...both((split) => score(split, answers.of(scores[split]))),
    solver: found.spec.solver,
    chosen: found.rows.find((row) => row.chosen)?.options ?? {},
    ...{ search: found.rows, diagnostics: undefined, warnings: oneSided(answers), majority, metrics, found },
    zeroShot: hasLogits ? both((split) => score(split, answers.zeroShot(splits[split].logits))) : undefined,
    predictions: solvedPredictions(answers, 'test', scores.test, hasLogits ? splits.test.logits : undefined),
  };
};
