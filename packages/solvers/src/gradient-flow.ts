import { BadArgumentError, type KernelSplit } from '@ntk-lens/core';
import { rankFloor } from './analysis.js';
import { BaseSolver, type Problem, type SolverOptions } from './base-solver.js';
import { probabilities, residuals } from './cross-entropy.js';
import { objectField, savedSolver, vectorField } from './json.js';
import { makePause } from './linalg/pause.js';
import { multiply, multiplyTransposed } from './linalg/products.js';
import type { SymmetricEigen } from './linalg/symmetric-eigen.js';
import { checkF0Scale, checkNumber } from './options.js';
import { integrateFlow } from './runge-kutta.js';
import type { FitOptions } from './solver.js';
import type { TrainShape } from './split.js';

export interface GradientFlowOptions extends SolverOptions {
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

interface GradientFlowSolution {
  readonly coefficients: Float64Array;
}

const maximumSteps = 20_000;

/** a(t) = V φ(Λ) Vᵀ y with φ(λ) = (1 − e^(−λt))/λ. */
const squaredAt = (
  { size, values, vectors }: SymmetricEigen,
  operatorNorm: number,
  targets: Float64Array,
  time: number,
): Float64Array => {
  const floor = rankFloor(size, operatorNorm);
  const weights = multiply(vectors, size, size, targets);
  for (let k = 0; k < size; k++) {
    const value = values[k]!;
    const vanishing = Math.abs(value) <= floor;
    if (time === Number.POSITIVE_INFINITY) weights[k] = vanishing ? 0 : weights[k]! / value;
    else weights[k]! *= vanishing ? time : -Math.expm1(-value * time) / value;
  }
  return multiplyTransposed(vectors, size, size, weights);
};

/**
 * Training of the linearized model by gradient flow, stopped at a time t: f_t = f₀ + K a(t). Squared loss is solved
 * exactly from the eigendecomposition of the kernel; cross-entropy, da/dt = y − p(f), by an adaptive Dormand–Prince
 * integrator. It is what (full-batch, small-step) fine-tuning does under kernel behaviour
 * (docs/theory.md, Kernel behaviour).
 *
 * @example
 * ```ts
 * const early = await new GradientFlowSolver({ loss: 'cross-entropy', time: 50, f0Scale: 1 }).fit(train);
 * ```
 */
export class GradientFlowSolver extends BaseSolver<GradientFlowOptions, GradientFlowSolution> {
  readonly name = 'gradient-flow';

  constructor(options: GradientFlowOptions = {}) {
    super({ ...options });
    const infinite = options.loss !== 'cross-entropy';
    if (options.time !== undefined) checkNumber('time', options.time, 0, { infinite });
    if (options.loss !== undefined && !['squared', 'cross-entropy'].includes(options.loss)) {
      throw new BadArgumentError('loss', options.loss, 'squared or cross-entropy');
    }
    checkNumber('tolerance', options.tolerance ?? 1e-8, 1e-13);
    checkF0Scale(options.f0Scale);
  }

  private get time(): number {
    return this.options.time ?? (this.options.loss === 'cross-entropy' ? 100 : Number.POSITIVE_INFINITY);
  }

  protected async solve(problem: Problem): Promise<GradientFlowSolution> {
    const [solution] = await this.solveAt(problem, [this.time]);
    return solution!;
  }

  /**
   * Fits at several times with one decomposition and one integration.
   *
   * @param times ascending
   * @returns one fitted solver per time
   */
  async fitPath(
    train: KernelSplit,
    times: readonly number[],
    options: FitOptions = {},
  ): Promise<readonly GradientFlowSolver[]> {
    const last = times.at(-1);
    if (last === undefined || times.some((time, i) => i > 0 && time <= times[i - 1]!)) {
      throw new BadArgumentError('times', `[${times.join(', ')}]`, 'ascending times, at least one');
    }
    const path = times.map((time) => new GradientFlowSolver({ ...this.options, time }));
    let solutions: readonly GradientFlowSolution[] = [];
    const driver = path.at(-1)!;
    driver.solve = async (problem) => {
      solutions = await driver.solveAt(problem, times);
      return solutions.at(-1)!;
    };
    await driver.fit(train, options);
    const { fitted } = driver;
    for (const [k, solver] of path.entries()) solver.fitted = { ...fitted!, solution: solutions[k]! };
    return path;
  }

  private async solveAt(problem: Problem, times: readonly number[]): Promise<GradientFlowSolution[]> {
    const { analysis, targets, options } = problem;
    if (!analysis.symmetric) {
      throw new BadArgumentError(
        'symmetric',
        false,
        'a symmetric kernel for gradient flow; A-SignGD has none',
      );
    }
    const top = analysis.eigenvalues[analysis.size - 1]!;
    const unit = this.options.timeUnit === 'absolute' ? 1 : 1 / top;
    const absolute = times.map((time) => time * unit);
    if (this.options.loss === 'cross-entropy') return this.crossEntropyAt(problem, absolute, top);
    const eigen = await analysis.eigen(options);
    return absolute.map((time) => ({
      coefficients: squaredAt(eigen, analysis.operatorNorm, targets, time),
    }));
  }

  private async crossEntropyAt(
    { split, shape, analysis, options }: Problem,
    times: readonly number[],
    top: number,
  ): Promise<GradientFlowSolution[]> {
    if (options.targets) {
      throw new BadArgumentError('targets', 'own targets for the cross-entropy', 'labels, or squared loss');
    }
    const { matrix, size } = analysis;
    const scale = this.options.f0Scale ?? Number.POSITIVE_INFINITY;
    const start = Number.isFinite(scale) ? split.logits.data.map((f0) => f0 / scale) : new Float64Array(size);
    const likelihood = { width: shape.logits, classes: split.labels.data };
    const states = await integrateFlow(
      start,
      (f) => residuals(probabilities(f, shape.logits), likelihood),
      (r) => multiply(matrix, size, size, r),
      times,
      0.1 / top,
      { tolerance: this.options.tolerance ?? 1e-8, maximumSteps },
      makePause(options, 'gradient-flow'),
    );
    return states.map(({ a }) => ({ coefficients: a }));
  }

  protected decide({ coefficients }: GradientFlowSolution, split: KernelSplit): Float64Array {
    const { data } = split.kernel;
    return multiplyTransposed(data, coefficients.length, data.length / coefficients.length, coefficients);
  }

  protected readSolution(fields: Readonly<Record<string, unknown>>, shape: TrainShape): GradientFlowSolution {
    return { coefficients: vectorField(fields, 'coefficients', shape.examples * shape.logits) };
  }

  static fromJSON(json: unknown): GradientFlowSolver {
    const options = objectField(savedSolver(json, 'gradient-flow'), 'options');
    return new GradientFlowSolver(options).restore(json);
  }
}
