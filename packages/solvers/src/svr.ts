import type { KernelSplit } from '@ntk-lens/core';
import { BaseSolver, type Problem, type SolverOptions } from './base-solver.js';
import { numberField, objectField, savedSolver, vectorField } from './json.js';
import { makePause } from './linalg/pause.js';
import { multiplyTransposed } from './linalg/products.js';
import { checkF0Scale, checkNumber } from './options.js';
import { solveSmo } from './smo.js';
import type { TrainShape } from './split.js';

export interface SvrOptions extends SolverOptions {
  /** As in {@link LstsqOptions.ridge}; added to the train block before training. Default 0. */
  readonly ridge?: number;
  /** Bound C of the dual coefficients: smaller is smoother. Default 1. */
  readonly penaltyC?: number;
  /** Errors below it cost nothing. Default 0.1. */
  readonly epsilon?: number;
  /** Stopping tolerance on the largest violation of optimality. Default 1e-3. */
  readonly tolerance?: number;
}

interface SvrSolution {
  readonly coefficients: Float64Array;
  readonly rho: number;
}

/**
 * ε-support-vector regression on the flattened (example, logit) rows, with libsvm's defaults.
 *
 * @example
 * ```ts
 * const scores = (await new SvrSolver({ penaltyC: 1 }).fit(train)).predict(test);
 * ```
 */
export class SvrSolver extends BaseSolver<SvrOptions, SvrSolution> {
  readonly name = 'svr';

  constructor(options: SvrOptions = {}) {
    super({ ...options });
    checkNumber('ridge', options.ridge ?? 0, 0);
    checkNumber('penaltyC', options.penaltyC ?? 1, 0, { strict: true });
    checkNumber('epsilon', options.epsilon ?? 0.1, 0);
    checkNumber('tolerance', options.tolerance ?? 1e-3, 0, { strict: true });
    checkF0Scale(options.f0Scale);
  }

  protected async solve({ analysis, targets, options }: Problem): Promise<SvrSolution> {
    const { matrix, size, operatorNorm } = analysis;
    const { ridge = 0, penaltyC = 1, epsilon = 0.1, tolerance = 1e-3 } = this.options;
    const shift = ridge * operatorNorm;
    const doubled = 2 * size;
    const y = new Int8Array(doubled).fill(1, 0, size).fill(-1, size);
    const p = Float64Array.from({ length: doubled }, (_, i) =>
      i < size ? epsilon - targets[i]! : epsilon + targets[i - size]!,
    );
    const fillRow = (i: number, out: Float64Array): void => {
      const row = i % size;
      const sign = y[i]!;
      for (let j = 0; j < size; j++) {
        const value = Math.fround(sign * (matrix[row * size + j]! + (row === j ? shift : 0)));
        out[j] = value;
        out[j + size] = -value;
      }
    };
    const diagonal = Float64Array.from(
      { length: doubled },
      (_, i) => matrix[(i % size) * (size + 1)]! + shift,
    );
    const { alpha, rho } = await solveSmo(
      { size: doubled, y, p, penaltyC, tolerance, diagonal, fillRow },
      makePause(options, 'svr'),
    );
    return {
      coefficients: Float64Array.from({ length: size }, (_, i) => alpha[i]! - alpha[i + size]!),
      rho,
    };
  }

  protected decide({ coefficients, rho }: SvrSolution, split: KernelSplit): Float64Array {
    const rows = coefficients.length;
    const { data } = split.kernel;
    return multiplyTransposed(data, rows, data.length / rows, coefficients).map((value) => value - rho);
  }

  protected readSolution(fields: Readonly<Record<string, unknown>>, shape: TrainShape): SvrSolution {
    return {
      coefficients: vectorField(fields, 'coefficients', shape.examples * shape.logits),
      rho: numberField(fields, 'rho'),
    };
  }

  static fromJSON(json: unknown): SvrSolver {
    return new SvrSolver(objectField(savedSolver(json, 'svr'), 'options')).restore(json);
  }
}
