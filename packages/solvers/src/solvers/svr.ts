import {
  type F0Options,
  f0Scale,
  penaltyC,
  type RidgeOptions,
  ridge,
  tolerance,
} from '../definition/options.js';
import { type DualSolution, defineSolver, type Problem } from '../definition/solver-definition.js';
import { solveSmo } from '../optimize/smo.js';

/** Options of support-vector machines; a ridge is added to the train kernel before training. */
export interface SupportVectorOptions extends RidgeOptions {
  /** Bound C of the dual coefficients: smaller is smoother. Default 1. */
  readonly penaltyC?: number;
  /** Stopping tolerance on the largest violation of optimality. Default 1e-3. */
  readonly tolerance?: number;
}

export interface SvrOptions extends SupportVectorOptions, F0Options {
  /** Errors below it cost nothing. Default 0.1. */
  readonly epsilon?: number;
}

export interface SvrSolution extends DualSolution {
  readonly rho: number;
}

/**
 * ε-support-vector regression on the flattened (example, logit) rows, with libsvm's defaults.
 *
 * @example
 * ```ts
 * const scores = (await createSolver({ solver: 'svr', penaltyC: 1 }).fit(train)).predict(test);
 * ```
 */
export const svr = defineSolver({
  name: 'svr',
  title: 'ε-insensitive loss',
  purpose: 'for parity with the reference, and for few outliers in targets',
  fits: 'scores',
  kernels: 'symmetric',
  auto: true,
  complexity: 4,
  options: { ridge, f0Scale, penaltyC, epsilon: { default: 0.1, from: 0 }, tolerance },
  solve: async ({ analysis, targets, settings, shift, pause }: Problem<SvrOptions>): Promise<SvrSolution> => {
    const { matrix, size } = analysis;
    const doubled = 2 * size;
    const y = new Int8Array(doubled).fill(1, 0, size).fill(-1, size);
    const p = Float64Array.from({ length: doubled }, (_, i) =>
      i < size ? settings.epsilon - targets[i]! : settings.epsilon + targets[i - size]!,
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
    const { alpha, rho } = await solveSmo({ ...settings, size: doubled, y, p, diagonal, fillRow }, pause);
    return {
      coefficients: Float64Array.from({ length: size }, (_, i) => alpha[i]! - alpha[i + size]!),
      rho,
    };
  },
  solution: ({ examples, logits }) => ({ coefficients: examples * logits, rho: 'number' }),
});
