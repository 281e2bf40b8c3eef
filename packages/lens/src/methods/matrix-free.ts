import { type NDArray, ndarray, type PerSplit, perSplit, type SplitName, withDefaults } from '@ntk-lens/core';
import { openKernelOperators } from '@ntk-lens/kernels';
import { classifierModel } from '@ntk-lens/models';
import { regressionSolvers } from '@ntk-lens/solvers';
import {
  type IterationStore,
  matrixFreeCandidates,
  type OperatorSplit,
  selectMatrixFree,
} from '@ntk-lens/solvers/matrix-free';
import type { KernelIdentity, KernelMaker, SpaceInfo } from '../kernel/kernel.js';
import { kernelIdentity } from '../kernel/kernel-identity.js';
import type { KernelChoice } from '../kernel/kernel-options.js';
import type { RuntimeRecord } from '../kernel/runtime-record.js';
import type { Session } from '../session/session.js';
import { answersOf, metricsOf } from '../solve/answers.js';
import { defaultGrids, oneSided, type Solved, type SolveOptions, scoring } from '../solve/solve-kernel.js';
import { type SolvedPredictions, solvedPredictions } from '../solve/split-predictions.js';
import type { LensTask } from '../task/lens-task.js';
import { spaceInfo } from './in-space.js';
import { planOperators, recordOf } from './kernel-request.js';
import { fitProbe } from './probe-head.js';

/** Options of `lens.solveMatrixFree`: grids to choose from on dev, and when iterations end. */
export interface MatrixFreeSolveOptions extends Omit<SolveOptions, 'method' | 'threads' | 'diagnostics'> {
  /** Residual at which a system counts as solved, relative to its targets. Default: 1e-7. */
  readonly tolerance?: number;
  /** Iterations, at most. Default: 300. */
  readonly maxIterations?: number;
  /** Keeps iterations that are done, so that an interrupted call goes on, to the same bytes. One store is for one call. */
  readonly store?: IterationStore;
}

/** A kernel that was solved by its products. */
export interface MatrixFreeSolved
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
  /** One number for each (training example, logit), `[N, C]`: predictions are K(query, train) times them. */
  readonly coefficients: NDArray<'float64'>;
  /** f(·; θ₀), `[examples, C]`. */
  readonly logits: PerSplit<NDArray<'float64'>>;
  /** Iterations of the chosen candidate. */
  readonly iterations: number;
  /** The unit of ridges. */
  readonly largestEigenvalue: number;
  /** Answers on the test set. */
  readonly predictions: SolvedPredictions;
  readonly identity: KernelIdentity;
  /** Absent for the kernel of all parameters. */
  readonly space?: SpaceInfo;
  readonly runtime: RuntimeRecord;
  readonly maker: KernelMaker;
}

/** `lens.solveMatrixFree`. */
export const solveMatrixFree = async (
  session: Session,
  task: LensTask,
  asked: KernelChoice,
  options: MatrixFreeSolveOptions,
): Promise<MatrixFreeSolved> => {
  const { signal, onProgress, metrics: named, tolerance, maxIterations, store, ...given } = options;
  const { model, shared, platform, name } = session;
  const long = { signal, onProgress };
  const grids = withDefaults(defaultGrids, given);
  const candidates = matrixFreeCandidates(grids);
  const { choice, request } = await planOperators(session, task, asked);
  const identity = kernelIdentity(task, choice, { modelHash: await model.hash(), runtime: shared.name });
  const labels = perSplit((split) => {
    const own = Int32Array.from(task.labels[split]);
    return ndarray<'int32'>(own, [own.length]);
  });
  const answers = answersOf({
    splits: perSplit((split) => ({ labels: labels[split] })),
    ...{ identity, origin: { task, choice: asked } },
  });
  if (answers.targets) regressionSolvers(grids.solver);
  const metrics = named ?? metricsOf(identity['metrics']);
  const { score, both, majority } = scoring(answers, metrics);
  const runtime = await shared.open();
  const head = task.prompt ? undefined : await fitProbe(session, task, long);
  const network = head ? classifierModel(model, head) : request.model;
  const { splits, outputs, close } = await openKernelOperators({
    ...request,
    model: network,
    runtime,
    ...long,
  });
  try {
    const splitOf = (split: SplitName): OperatorSplit => ({ ...splits[split]!, labels: labels[split] });
    const found = await selectMatrixFree({
      ...{ train: splitOf('train'), dev: splitOf('dev'), targets: answers.targets, candidates },
      ...{ tolerance, maxIterations, store, ...long },
      metric: (scores) => score('dev', answers.of(scores))[metrics[0]] ?? Number.NaN,
    });
    const scores = {
      dev: await found.predict(splitOf('dev'), long),
      test: await found.predict(splitOf('test'), long),
    };
    const logits = perSplit((split) => splits[split]!.logits);
    const probe = head && { penaltyC: head.penaltyC, warnings: head.warnings.map(({ message }) => message) };
    return {
      ...both((split) => score(split, answers.of(scores[split]))),
      solver: found.spec.solver,
      chosen: found.rows.find((row) => row.chosen)?.options ?? {},
      ...{ search: found.rows, diagnostics: undefined, warnings: oneSided(answers), majority, metrics },
      zeroShot: both((split) => score(split, answers.zeroShot(logits[split]))),
      coefficients: ndarray<'float64'>(found.coefficients, [request.train.length, outputs]),
      ...{ logits, iterations: found.iterations, largestEigenvalue: found.largestEigenvalue },
      predictions: solvedPredictions(answers, 'test', scores.test, logits.test),
      ...{ identity, space: await spaceInfo(model, choice) },
      runtime: { ...recordOf(runtime), probe },
      maker: { model: name, versions: platform.versions },
    };
  } finally {
    await close();
  }
};
