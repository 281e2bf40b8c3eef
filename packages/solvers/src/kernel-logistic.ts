import type { KernelSplit } from '@ntk-lens/core';
import type { Problem, SolverOptions } from './base-solver.js';
import { objectField, savedSolver, vectorField } from './json.js';
import { LabelSolver } from './label-solver.js';
import { makePause } from './linalg/pause.js';
import { multiplyTransposed } from './linalg/products.js';
import { fitLogistic } from './newton.js';
import { checkF0Scale, checkNumber } from './options.js';
import type { TrainShape } from './split.js';

export interface KernelLogisticOptions extends SolverOptions {
  /**
   * Penalty strength relative to the largest singular value σ of the kernel: (λσ/2) aᵀKa is added to the summed
   * cross-entropy. Above 0: without a penalty separable data have no minimum. Default 0.01.
   */
  readonly ridge?: number;
}

/** With f₀, f = f₀/scale + K a, so the solution corrects the pre-trained model's own (scaled) logits. */
interface KernelLogisticSolution {
  readonly coefficients: Float64Array;
}

/**
 * Kernel logistic regression by Newton's method: f = K a minimizes Σ cross-entropy + (λσ/2) aᵀKa, softmax over
 * the logits, sigmoid in binary mode. It is where penalized cross-entropy training of the linearized model ends.
 *
 * @example
 * ```ts
 * const logits = (await new KernelLogisticSolver({ ridge: 0.01 }).fit(train)).predict(test);
 * ```
 */
export class KernelLogisticSolver extends LabelSolver<KernelLogisticOptions, KernelLogisticSolution> {
  readonly name = 'kernel-logistic';

  constructor(options: KernelLogisticOptions = {}) {
    super({ ...options });
    checkNumber('ridge', options.ridge ?? 0.01, 0, { strict: true });
    checkF0Scale(options.f0Scale);
  }

  protected async solve({ split, shape, analysis, options }: Problem): Promise<KernelLogisticSolution> {
    const scale = this.options.f0Scale ?? Number.POSITIVE_INFINITY;
    const { coefficients } = await fitLogistic(
      {
        gram: analysis.matrix,
        classes: split.labels.data,
        width: shape.logits,
        penalty: (this.options.ridge ?? 0.01) * analysis.operatorNorm,
        intercept: false,
        ...(Number.isFinite(scale) ? { offset: split.logits.data.map((f0) => f0 / scale) } : {}),
      },
      makePause(options, 'kernel-logistic'),
    );
    return { coefficients };
  }

  protected decide({ coefficients }: KernelLogisticSolution, split: KernelSplit): Float64Array {
    const { data } = split.kernel;
    return multiplyTransposed(data, coefficients.length, data.length / coefficients.length, coefficients);
  }

  protected readSolution(
    fields: Readonly<Record<string, unknown>>,
    shape: TrainShape,
  ): KernelLogisticSolution {
    return { coefficients: vectorField(fields, 'coefficients', shape.examples * shape.logits) };
  }

  static fromJSON(json: unknown): KernelLogisticSolver {
    const options = objectField(savedSolver(json, 'kernel-logistic'), 'options');
    return new KernelLogisticSolver(options).restore(json);
  }
}
