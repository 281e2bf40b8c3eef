import { BadArgumentError, type KernelSplit, type NDArray, ndarray } from '@ntk-lens/core';
import { KernelSolver } from '../definition/kernel-solver.js';
import type { FitOptions } from '../definition/solver-definition.js';
import { analyseKernel, assertSemidefinite, type KernelChecks } from '../kernel/analysis.js';
import { invertKernel } from '../kernel/inverse.js';
import { solveShifted } from '../kernel/spectrum.js';
import { checkTrainSplit } from '../kernel/split.js';
import { doubled, f0Offset, targetVector } from '../kernel/targets.js';
import { plainProduct } from '../linalg/add-product.js';
import { luOf, luSolve } from '../linalg/lu.js';
import { makePause } from '../linalg/pause.js';
import { type LstsqOptions, lstsq } from '../solvers/index.js';

/**
 * Predictions of ridge regression for each training example, as if it had been fitted without that example.
 * In closed form f_i = y_i − (A_ii)⁻¹ a_i with A = (K + ρI)⁻¹, a = A y and parts over the logits of example
 * i. The shift ρ = λσ is that of the whole kernel.
 *
 * @param options as for {@link lstsq}; ridge 0 needs a kernel of full rank
 * @returns scores as {@link KernelSolver.predict} gives them, `[N, labels]`
 * @throws BadArgumentError for a singular system or an asymmetric kernel
 * @example
 * ```ts
 * const scores = await leaveOneOut(train, { ridge: 0.01 });
 * ```
 */
export const leaveOneOut = async (
  train: KernelSplit,
  options: LstsqOptions & KernelChecks = {},
  fitOptions: FitOptions = {},
): Promise<NDArray<'float64'>> => {
  const { ridge = 0 } = new KernelSolver(lstsq, options).options;
  const { examples, logits } = checkTrainSplit(train);
  const offset = f0Offset(train, options);
  const targets = targetVector(train, { examples, logits }, fitOptions.targets).map((y, k) => y - offset[k]!);
  const analysis = analyseKernel(train, options);
  if (!options.allowIndefinite) await assertSemidefinite(analysis, fitOptions);
  const { size } = analysis;
  const shift = ridge * (await analysis.operatorNorm(fitOptions));
  const { rows, weights } = await invertKernel(analysis, shift, fitOptions);
  const singular = new BadArgumentError('ridge', ridge, 'a ridge above 0 for a singular kernel');
  if (weights.includes(0)) throw singular;
  const { coefficients } = await solveShifted(analysis, targets, shift, fitOptions);
  const parts = new Float64Array(examples * logits * logits);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < examples; i++) {
      const row = k * size + i * logits;
      for (let c = 0; c < logits; c++) {
        const factor = weights[k]! * rows[row + c]!;
        for (let d = 0; d < logits; d++) parts[(i * logits + c) * logits + d]! += factor * rows[row + d]!;
      }
    }
  }
  const pause = makePause(fitOptions, 'leave one out');
  const flat = new Float64Array(size);
  for (let i = 0; i < examples; i++) {
    const start = i * logits;
    const part = parts.slice(start * logits, (start + logits) * logits);
    const factors = await luOf(part, logits, plainProduct, pause);
    if (!factors) throw singular;
    const error = luSolve(factors, coefficients.subarray(start, start + logits));
    for (let c = 0; c < logits; c++) {
      flat[start + c] = targets[start + c]! - error[c]! + offset[start + c]!;
    }
  }
  return fitOptions.targets ? ndarray<'float64'>(flat, [examples, logits]) : doubled(flat, logits);
};
