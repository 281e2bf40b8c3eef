import { BadArgumentError, type KernelSplit, type LongTaskOptions } from '@ntk-lens/core';
import { AsymmetricKernelError, IndefiniteKernelError } from '../errors.js';
import { gramMatrix } from '../linalg/gemm.js';
import { decomposeSymmetric, type SymmetricEigen } from '../linalg/symmetric-eigen.js';

/** The checks of a train kernel before it is solved. */
export interface KernelChecks {
  /** Whether the train kernel must be symmetric. Default: yes, unless the split has a flipped kernel (A-SignGD). */
  readonly symmetric?: boolean;
  /** Solve a kernel with eigenvalues below −1e-5 of the largest. Default false. */
  readonly allowIndefinite?: boolean;
}

/** A train kernel, checked and decomposed once; every solver and every hyperparameter shares it. */
export interface KernelAnalysis {
  readonly size: number;
  /** Row-major `[N·C, N·C]`; symmetrized when it claims to be symmetric. */
  readonly matrix: Float64Array;
  readonly symmetric: boolean;
  readonly asymmetry: number;
  /** Eigenvalues of the symmetric part of the kernel, ascending. */
  readonly eigenvalues: Float64Array;
  readonly singularValues: Float64Array;
  /** Largest singular value: the unit of ridge strength. */
  readonly operatorNorm: number;
  /** Eigenvectors of a symmetric kernel, computed when first asked for; throws BadArgumentError for another. */
  eigen(options: LongTaskOptions): Promise<SymmetricEigen>;
}

/** Relative to the largest entry; float32 kernels of 10⁸ parameters agree to about 1e-6. */
const symmetryTolerance = 1e-5;
const indefiniteTolerance = 1e-5;

const measureAsymmetry = (
  matrix: Float64Array,
  size: number,
): { difference: number; row: number; column: number; scale: number } => {
  let difference = 0;
  let row = 0;
  let column = 0;
  let scale = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const a = matrix[i * size + j]!;
      const b = matrix[j * size + i]!;
      scale = Math.max(scale, Math.abs(a), Math.abs(b));
      if (Math.abs(a - b) > difference) {
        difference = Math.abs(a - b);
        row = i;
        column = j;
      }
    }
  }
  return { difference, row, column, scale };
};

const symmetricPart = (matrix: Float64Array, size: number): Float64Array => {
  const part = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) part[i * size + j] = (matrix[i * size + j]! + matrix[j * size + i]!) / 2;
  }
  return part;
};

const singularValuesOf = async (
  matrix: Float64Array,
  size: number,
  options: LongTaskOptions,
): Promise<Float64Array> => {
  const { values } = await decomposeSymmetric(gramMatrix(matrix, size, size), size, options);
  return values.map((value) => Math.sqrt(Math.max(0, value)));
};

const analyse = async (
  data: Float64Array,
  size: number,
  symmetric: boolean,
  options: LongTaskOptions,
): Promise<KernelAnalysis> => {
  const { difference, row, column, scale } = measureAsymmetry(data, size);
  if (symmetric && difference > symmetryTolerance * scale) {
    throw new AsymmetricKernelError(row, column, difference, scale);
  }
  const part = difference === 0 ? data : symmetricPart(data, size);
  const decomposition = await decomposeSymmetric(part, size, options);
  const singularValues = symmetric
    ? decomposition.values.map(Math.abs)
    : await singularValuesOf(data, size, options);
  return {
    size,
    matrix: symmetric ? part : data,
    symmetric,
    asymmetry: scale === 0 ? 0 : difference / scale,
    eigenvalues: decomposition.values,
    singularValues,
    operatorNorm: singularValues.reduce((a, b) => Math.max(a, b), 0),
    eigen: (later) => {
      if (!symmetric) {
        throw new BadArgumentError(
          'symmetric',
          false,
          'a symmetric kernel for this solver (A-SignGD has none)',
        );
      }
      return decomposition.eigen(later);
    },
  };
};

const cache = new WeakMap<Float64Array, Map<boolean, Promise<KernelAnalysis>>>();

/**
 * Checks and decomposes the train kernel of a split. The result is kept as long as the kernel's array is, so a grid
 * of hyperparameters pays for one decomposition; the array must not be changed in the meantime.
 *
 * @param split checked train split, kernel `[N, C, N, C]`
 * @throws AsymmetricKernelError, IndefiniteKernelError
 */
export const analyseKernel = async (
  split: KernelSplit,
  checks: KernelChecks,
  options: LongTaskOptions,
): Promise<KernelAnalysis> => {
  const { data, shape } = split.kernel;
  const symmetric = checks.symmetric ?? split.flipped === undefined;
  const known = cache.get(data) ?? new Map<boolean, Promise<KernelAnalysis>>();
  cache.set(data, known);
  let pending = known.get(symmetric);
  if (!pending) {
    pending = analyse(data, shape[0]! * shape[1]!, symmetric, options);
    known.set(symmetric, pending);
    pending.catch(() => known.delete(symmetric));
  }
  const analysis = await pending;
  const { eigenvalues, size } = analysis;
  const [smallest = 0, largest = 0] = [eigenvalues[0], eigenvalues[size - 1]];
  if (symmetric && !checks.allowIndefinite && smallest < -indefiniteTolerance * Math.abs(largest)) {
    throw new IndefiniteKernelError(smallest, largest);
  }
  return analysis;
};

/** Singular values at or below this count as zero, as in a rank-revealing least-squares solver. */
export const rankFloor = (size: number, operatorNorm: number): number => size * 2 ** -52 * operatorNorm;
