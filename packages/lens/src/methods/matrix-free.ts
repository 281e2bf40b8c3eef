import { type NDArray, ndarray, type PerSplit, perSplit, withDefaults } from '@ntk-lens/core';
import { openKernelOperators } from '@ntk-lens/kernels';
import { classifierModel } from '@ntk-lens/models';
import { regressionSolvers } from '@ntk-lens/solvers';
import { estimateSpectrum, matrixFreeCandidates, type Spectrum } from '@ntk-lens/solvers/matrix-free';
import type { KernelIdentity, KernelMaker, SpaceInfo } from '../kernel/kernel.js';
import { kernelIdentity } from '../kernel/kernel-identity.js';
import type { KernelChoice } from '../kernel/kernel-options.js';
import type { RuntimeRecord } from '../kernel/runtime-record.js';
import type { Session } from '../session/session.js';
import { answersOf, metricsOf } from '../solve/answers.js';
import { type IterationLimits, type SolvedByProducts, solveByProducts } from '../solve/solve-by-products.js';
import { defaultGrids, type SolveOptions } from '../solve/solve-kernel.js';
import type { LensTask } from '../task/lens-task.js';
import { spaceInfo } from './in-space.js';
import { planOperators, recordOf } from './kernel-request.js';
import { fitProbe } from './probe-head.js';

/** Options of `lens.solveMatrixFree`: grids to choose from on dev, and when iterations end. */
export interface MatrixFreeSolveOptions
  extends Omit<SolveOptions, 'method' | 'threads' | 'diagnostics'>,
    IterationLimits {
  /**
   * Also the largest eigenvalues, the trace and the effective rank of the kernel of the training examples, which take some dozens of
   * products more. Default: false.
   */
  readonly spectrum?: boolean;
}

/** A kernel that was solved by its products. */
export interface MatrixFreeSolved extends Omit<SolvedByProducts, 'found'> {
  /** One number for each (training example, logit), `[N, C]`: predictions are K(query, train) times them. */
  readonly coefficients: NDArray<'float64'>;
  /** f(·; θ₀), `[examples, C]`. */
  readonly logits: PerSplit<NDArray<'float64'>>;
  /** Iterations of the chosen candidate. */
  readonly iterations: number;
  /** The unit of ridges. */
  readonly largestEigenvalue: number;
  /** Spectrum of the kernel of the training examples; absent unless asked for. */
  readonly spectrum?: Spectrum;
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
  const { signal, onProgress, metrics: named, tolerance, maxIterations, store, spectrum, ...given } = options;
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
    const { found, ...solved } = await solveByProducts({
      splits: perSplit((split) => ({ ...splits[split]!, labels: labels[split] })),
      ...{ answers, candidates, metrics, hasLogits: true, tolerance, maxIterations, store, ...long },
    });
    const eigenvalues = spectrum
      ? await estimateSpectrum(splits.train.kernel, { store, ...long })
      : undefined;
    const probe = head && { penaltyC: head.penaltyC, warnings: head.warnings.map(({ message }) => message) };
    return {
      ...solved,
      coefficients: ndarray<'float64'>(found.coefficients, [request.train.length, outputs]),
      logits: perSplit((split) => splits[split]!.logits),
      ...{ iterations: found.iterations, largestEigenvalue: found.largestEigenvalue },
      spectrum: eigenvalues,
      ...{ identity, space: await spaceInfo(model, choice) },
      runtime: { ...recordOf(runtime), probe },
      maker: { model: name, versions: platform.versions },
    };
  } finally {
    await close();
  }
};
