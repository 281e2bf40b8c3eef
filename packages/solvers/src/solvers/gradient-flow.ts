import { BadArgumentError, type KernelSplit } from '@ntk-lens/core';
import { KernelSolver } from '../definition/kernel-solver.js';
import { type F0Options, f0Scale } from '../definition/options.js';
import {
  type DualSolution,
  defineSolver,
  type FitOptions,
  type Problem,
} from '../definition/solver-definition.js';
import { type KernelChecks, rankFloor } from '../kernel/analysis.js';
import { solveBySpectrum } from '../kernel/spectrum.js';
import { multiply } from '../linalg/products.js';
import {
  type LinearAlgebraOptions,
  type SymmetricEigen,
  throughSpectrum,
} from '../linalg/symmetric-eigen.js';
import { probabilities, residuals } from '../optimize/cross-entropy.js';
import { integrateFlow } from '../optimize/runge-kutta.js';

export interface GradientFlowOptions extends F0Options {
  /** `squared`: ½ Σ (f − y)² over the flattened rows; `cross-entropy`: summed over examples. Default squared. */
  readonly loss?: 'squared' | 'cross-entropy';
  /**
   * When to stop; in units of 1/λ_max unless `timeUnit` is absolute, so that t steps of gradient descent at learning
   * rate 1/λ_max reach about time t. Infinity (squared loss only) is the ridgeless solution. Default Infinity for
   * squared loss, 100 for cross-entropy.
   */
  readonly time?: number;
  /** `absolute`: `time` is Σ of learning rates of gradient descent on the summed loss. Default `relative`. */
  readonly timeUnit?: 'relative' | 'absolute';
  /** Error allowed per step of the cross-entropy integrator, relative to max(1, |f|); at least 1e-13. Default 1e-8. */
  readonly tolerance?: number;
}

const maximumSteps = 20_000;

/** a(t) = V φ(Λ) Vᵀ y with φ(λ) = (1 − e^(−λt))/λ. */
const squaredAt = async (
  eigen: SymmetricEigen,
  targets: Float64Array,
  time: number,
  options: LinearAlgebraOptions,
): Promise<Float64Array> => {
  const { size, values } = eigen;
  if (time === Number.POSITIVE_INFINITY) {
    return (await solveBySpectrum(eigen, targets, 0, options)).coefficients;
  }
  const floor = rankFloor(size, Math.max(Math.abs(values[0]!), Math.abs(values[size - 1]!)));
  return throughSpectrum(
    eigen,
    targets,
    (component, value) => component * (Math.abs(value) <= floor ? time : -Math.expm1(-value * time) / value),
    options,
  );
};

const crossEntropyAt = async (
  { split, shape, analysis, settings, offset, options, pause }: Problem<GradientFlowOptions>,
  times: readonly number[],
  top: number,
): Promise<readonly DualSolution[]> => {
  if (options.targets) {
    throw new BadArgumentError('targets', 'own targets for the cross-entropy', 'labels, or squared loss');
  }
  const { matrix, size } = analysis;
  const likelihood = { width: shape.logits, classes: split.labels.data };
  const states = await integrateFlow(
    offset,
    (f) => residuals(probabilities(f, shape.logits), likelihood),
    (r) => multiply(matrix, size, size, r),
    times,
    0.1 / top,
    { tolerance: settings.tolerance, maximumSteps },
    pause,
  );
  return states.map(({ a }) => ({ coefficients: a }));
};

/** Solutions at ascending times, from one decomposition or one integration. */
const solveAt = async (
  problem: Problem<GradientFlowOptions>,
  times: readonly number[],
): Promise<readonly DualSolution[]> => {
  const { analysis, targets, options } = problem;
  const { loss, timeUnit } = problem.settings;
  if (!analysis.symmetric) {
    throw new BadArgumentError('symmetric', false, 'a symmetric kernel for gradient flow; A-SignGD has none');
  }
  const eigen = await analysis.eigen(options);
  const top = eigen.values[analysis.size - 1]!;
  const unit = timeUnit === 'absolute' ? 1 : 1 / top;
  const absolute = times.map((time) => time * unit);
  if (loss === 'cross-entropy') return crossEntropyAt(problem, absolute, top);
  const solutions: DualSolution[] = [];
  for (const time of absolute) {
    solutions.push({ coefficients: await squaredAt(eigen, targets, time, options) });
  }
  return solutions;
};

/**
 * Training of the linearized model by gradient flow, stopped at a time t: f_t = f₀ + K a(t). Squared loss is solved
 * exactly from the eigendecomposition of the kernel; cross-entropy, da/dt = y − p(f), by an adaptive Dormand–Prince
 * integrator. It is what (full-batch, small-step) fine-tuning does under kernel behaviour
 * (docs/theory.md, Kernel behaviour).
 *
 * @example
 * ```ts
 * const early = await createSolver({ solver: 'gradient-flow', loss: 'cross-entropy', time: 50 }).fit(train);
 * ```
 */
export const gradientFlow = defineSolver({
  name: 'gradient-flow',
  title: 'squared loss or cross-entropy, stopped at time t',
  purpose: 'for what training for that long does; early stopping instead of ridge',
  fits: 'scores',
  kernels: 'symmetric',
  auto: true,
  complexity: 2,
  options: {
    loss: { default: 'squared', oneOf: ['squared', 'cross-entropy'], grid: 'losses', tries: ['squared'] },
    time: {
      default: Number.POSITIVE_INFINITY,
      from: 0,
      infinite: true,
      grid: 'times',
      // Decades from one step of gradient descent on, and the end of training.
      tries: [1, 10, 100, 1000, Number.POSITIVE_INFINITY],
      complexity: (time) => time,
    },
    f0Scale,
    timeUnit: { default: 'relative', oneOf: ['relative', 'absolute'] },
    tolerance: { default: 1e-8, from: 1e-13 },
  },
  refuse: ({ loss, time }) =>
    loss === 'cross-entropy' && time === Number.POSITIVE_INFINITY
      ? new BadArgumentError(
          'time',
          time,
          'a finite time for the cross-entropy, which has no end on separable data',
        )
      : undefined,
  solve: async (problem: Problem<GradientFlowOptions>): Promise<DualSolution> => {
    const { loss, time } = problem.settings;
    const end = loss === 'cross-entropy' && time === Number.POSITIVE_INFINITY ? 100 : time;
    const [solution] = await solveAt(problem, [end]);
    return solution!;
  },
  solution: ({ examples, logits }) => ({ coefficients: examples * logits }),
});

/**
 * Gradient flow stopped at several times, with one decomposition and one integration.
 *
 * @param times ascending
 * @param flow options of {@link gradientFlow}
 * @returns one fitted solver per time
 * @throws BadArgumentError for times that do not ascend
 * @example
 * ```ts
 * const [early, late] = await gradientFlowPath(train, [1, 100], { loss: 'cross-entropy' });
 * ```
 */
export const gradientFlowPath = async (
  train: KernelSplit,
  times: readonly number[],
  flow: Omit<GradientFlowOptions, 'time'> & KernelChecks = {},
  options: FitOptions = {},
): Promise<readonly KernelSolver<GradientFlowOptions, DualSolution>[]> => {
  if (times.length === 0 || times.some((time, i) => i > 0 && time <= times[i - 1]!)) {
    throw new BadArgumentError('times', `[${times.join(', ')}]`, 'ascending times, at least one');
  }
  const path = times.map((time) => new KernelSolver(gradientFlow, { ...flow, time }));
  await KernelSolver.fitAll(path, train, options, (problem) => solveAt(problem, times));
  return path;
};
