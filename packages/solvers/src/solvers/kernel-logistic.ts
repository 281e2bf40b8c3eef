import { type F0Options, f0Scale, ridge } from '../definition/options.js';
import { type DualSolution, defineSolver, type Problem } from '../definition/solver-definition.js';
import { fitLogistic } from '../optimize/newton.js';

export interface KernelLogisticOptions extends F0Options {
  /**
   * Penalty strength relative to the largest singular value σ of the kernel: (λσ/2) aᵀKa is added to the summed
   * cross-entropy. Above 0: without a penalty separable data have no minimum. Default 0.01.
   */
  readonly ridge?: number;
}

/**
 * Kernel logistic regression by Newton's method: f = f₀/s + K a minimizes Σ cross-entropy + (λσ/2) aᵀKa, softmax over
 * the logits, sigmoid in binary mode. It is where penalized cross-entropy training of the linearized model ends.
 *
 * @example
 * ```ts
 * const logits = (await createSolver({ solver: 'kernel-logistic', ridge: 0.01 }).fit(train)).predict(test);
 * ```
 */
export const kernelLogistic = defineSolver({
  name: 'kernel-logistic',
  title: 'cross-entropy + ridge (Newton)',
  purpose: 'for calibrated logits, and for the end of penalized cross-entropy training',
  fits: 'labels',
  kernels: 'symmetric',
  auto: true,
  complexity: 3,
  options: { ridge: { ...ridge, default: 0.01, above: 0, skips: 0 }, f0Scale },
  solve: async (given: Problem<KernelLogisticOptions>): Promise<DualSolution> => {
    const { split, shape, analysis, shift, offset, options, pause } = given;
    const likelihood = { classes: split.labels.data, width: shape.logits };
    const gram = analysis.matrix;
    const problem = { ...likelihood, gram, penalty: shift, intercept: false, offset };
    const { coefficients } = await fitLogistic(problem, pause, options.addProduct);
    return { coefficients };
  },
  solution: ({ examples, logits }) => ({ coefficients: examples * logits }),
});
