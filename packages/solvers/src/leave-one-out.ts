import { BadArgumentError, type KernelSplit, type NDArray, ndarray } from '@ntk-lens/core';
import { Matrix, solve } from 'ml-matrix';
import { analyseKernel, rankFloor } from './analysis.js';
import { multiply, multiplyTransposed } from './linalg/products.js';
import { type LstsqOptions, LstsqSolver } from './lstsq.js';
import type { FitOptions } from './solver.js';
import { checkTrainSplit } from './split.js';
import { targetVector } from './targets.js';

/**
 * What ridge regression would predict for each training example, had it been fitted without that example; in closed
 * form, f_i = y_i − (A_ii)⁻¹ a_i with A = (K + ρI)⁻¹, a = A y and blocks over the logits of example i. The shift
 * ρ = λσ is that of the whole kernel.
 *
 * @param options as for {@link LstsqSolver}; ridge 0 needs a kernel of full rank
 * @returns scores as {@link LstsqSolver.predict} gives them, `[N, labels]`
 * @throws BadArgumentError for a singular system or an asymmetric kernel
 * @example
 * ```ts
 * const scores = await leaveOneOut(train, { ridge: 0.01 });
 * ```
 */
export const leaveOneOut = async (
  train: KernelSplit,
  options: LstsqOptions = {},
  fitOptions: FitOptions = {},
): Promise<NDArray<'float64'>> => {
  new LstsqSolver(options);
  const { examples, logits } = checkTrainSplit(train);
  const scale = options.f0Scale ?? Number.POSITIVE_INFINITY;
  const offset = train.logits.data.map((f0) => (Number.isFinite(scale) ? f0 / scale : 0));
  const targets = targetVector(train, { examples, logits }, fitOptions.targets).map((y, k) => y - offset[k]!);
  const analysis = await analyseKernel(train, options, fitOptions);
  const { operatorNorm } = analysis;
  const { size, values, vectors } = await analysis.eigen(fitOptions);
  const shift = (options.ridge ?? 0) * operatorNorm;
  const inverse = values.map((value) => 1 / (value + shift));
  if (values.some((value) => Math.abs(value + shift) <= rankFloor(size, operatorNorm))) {
    throw new BadArgumentError('ridge', options.ridge ?? 0, 'a ridge above 0 for a singular kernel');
  }
  const projected = multiply(vectors, size, size, targets).map((value, k) => value * inverse[k]!);
  const coefficients = multiplyTransposed(vectors, size, size, projected);
  const blocks = new Float64Array(examples * logits * logits);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < examples; i++) {
      const row = k * size + i * logits;
      for (let c = 0; c < logits; c++) {
        const factor = inverse[k]! * vectors[row + c]!;
        for (let d = 0; d < logits; d++) blocks[(i * logits + c) * logits + d]! += factor * vectors[row + d]!;
      }
    }
  }
  const flat = new Float64Array(size);
  for (let i = 0; i < examples; i++) {
    const start = i * logits;
    const block = Matrix.from1DArray(logits, logits, blocks.slice(start * logits, (start + logits) * logits));
    const error = solve(block, Matrix.columnVector(coefficients.subarray(start, start + logits)));
    for (let c = 0; c < logits; c++) {
      flat[start + c] = targets[start + c]! - error.get(c, 0) + offset[start + c]!;
    }
  }
  if (logits > 1 || fitOptions.targets) return ndarray<'float64'>(flat, [examples, logits]);
  return ndarray<'float64'>(
    Float64Array.from({ length: 2 * examples }, (_, k) => (k % 2 === 0 ? -1 : 1) * flat[k >> 1]!),
    [examples, 2],
  );
};
