import { BadArgumentError, type KernelSplit } from '@ntk-lens/core';
import { AsymmetricKernelError, IndefiniteKernelError } from '../errors.js';
import { gramMatrix, productFor } from '../linalg/add-product.js';
import { type CholeskyFactor, choleskyOf } from '../linalg/cholesky.js';
import { operatorNormOf } from '../linalg/operator-norm.js';
import { makePause } from '../linalg/pause.js';
import { multiply, multiplySymmetric, multiplyTransposed } from '../linalg/products.js';
import {
  decomposeSymmetric,
  type LinearAlgebraOptions,
  type SymmetricEigen,
} from '../linalg/symmetric-eigen.js';
import { measureAsymmetry, symmetricPart } from './symmetric-part.js';

/** The checks of a train kernel before it is solved. */
export interface KernelChecks {
  /** Whether the train kernel must be symmetric. Default: yes, unless the split has a flipped kernel (A-SignGD). */
  readonly symmetric?: boolean;
  /** Solve a kernel with eigenvalues below −1e-5 of the largest. Default false. */
  readonly allowIndefinite?: boolean;
}

/** All eigenvalues and singular values of a kernel. */
export interface KernelSpectrum {
  /** Those of the symmetric part of the kernel, ascending. */
  readonly eigenvalues: Float64Array;
  readonly singularValues: Float64Array;
  /** The largest singular value. */
  readonly operatorNorm: number;
}

/** A checked train kernel. Everything that is computed of it is kept, and every solver and every hyperparameter shares it. */
export interface KernelAnalysis {
  readonly size: number;
  /** Row-major `[N·C, N·C]`; symmetrized when it claims to be symmetric. */
  readonly matrix: Float64Array;
  readonly symmetric: boolean;
  readonly asymmetry: number;
  /** Largest singular value, the unit of ridge strength; it needs no spectrum. */
  operatorNorm(options: LinearAlgebraOptions): Promise<number>;
  spectrum(options: LinearAlgebraOptions): Promise<KernelSpectrum>;
  /** The spectrum, where something asked for it. */
  knownSpectrum(): Promise<KernelSpectrum> | undefined;
  /** Eigenvectors of a symmetric kernel. @throws BadArgumentError for another */
  eigen(options: LinearAlgebraOptions): Promise<SymmetricEigen>;
  /**
   * Cholesky's factor of a symmetric kernel plus shift·I; the last one is kept.
   *
   * @returns undefined where that is not positive definite
   */
  cholesky(shift: number, options: LinearAlgebraOptions): Promise<CholeskyFactor | undefined>;
  /** Whether a symmetric kernel plus shift·I is positive definite, which Cholesky's factorization shows; its factor is not kept. */
  isDefinite(shift: number, options: LinearAlgebraOptions): Promise<boolean>;
}

/** Relative to the largest entry; float32 kernels of 10⁸ parameters agree to about 1e-6. */
const symmetryTolerance = 1e-5;
const indefiniteTolerance = 1e-5;

interface Kept<T> {
  (options: LinearAlgebraOptions): Promise<T>;
  known(): Promise<T> | undefined;
}

/** Makes something at the first call and keeps it, unless making it failed. */
const kept = <T>(make: (options: LinearAlgebraOptions) => Promise<T>): Kept<T> => {
  let value: Promise<T> | undefined;
  const get = (options: LinearAlgebraOptions): Promise<T> => {
    const pending = value ?? make(options);
    value = pending;
    pending.catch(() => {
      if (value === pending) value = undefined;
    });
    return pending;
  };
  return Object.assign(get, { known: () => value });
};

const largest = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), 0);

const analyse = (data: Float64Array, size: number, symmetric: boolean): KernelAnalysis => {
  const { difference, row, column, scale } = measureAsymmetry(data, size);
  if (symmetric && difference > symmetryTolerance * scale) {
    throw new AsymmetricKernelError(row, column, difference, scale);
  }
  const part = difference === 0 ? data : symmetricPart(data, size);
  const eigen = kept((options) => decomposeSymmetric(part, size, options));
  const spectrum = kept(async (options): Promise<KernelSpectrum> => {
    const eigenvalues = (await eigen(options)).values;
    const singularValues = symmetric
      ? eigenvalues.map(Math.abs)
      : await singularValuesOf(data, size, options);
    return { eigenvalues, singularValues, operatorNorm: largest(singularValues) };
  });
  const norm = kept(async (options) => {
    const times = (x: Float64Array): Float64Array => multiply(data, size, size, x);
    const squared = (x: Float64Array): Float64Array => multiplyTransposed(data, size, size, times(x));
    const pause = makePause(options, 'norm of kernel');
    const found = await operatorNormOf(
      symmetric ? (x) => multiplySymmetric(part, size, x) : squared,
      size,
      pause,
    );
    if (found === undefined) return (await spectrum(options)).operatorNorm;
    return symmetric ? found : Math.sqrt(found);
  });
  let factor: { readonly shift: number; readonly of: Kept<CholeskyFactor | undefined> } | undefined;
  /** Memory of a factor that nobody uses any more. */
  let spare: Float64Array | undefined;
  const factorOf = (shift: number, options: LinearAlgebraOptions): Promise<CholeskyFactor | undefined> => {
    const storage = spare;
    spare = undefined;
    const addProduct = productFor(size, options.addProduct);
    return choleskyOf(part, size, shift, addProduct, makePause(options, 'factor kernel'), storage);
  };
  return {
    size,
    matrix: symmetric ? part : data,
    symmetric,
    asymmetry: scale === 0 ? 0 : difference / scale,
    operatorNorm: async (options) => (await spectrum.known())?.operatorNorm ?? norm(options),
    spectrum,
    knownSpectrum: spectrum.known,
    eigen: async (options) => {
      if (!symmetric) {
        throw new BadArgumentError(
          'symmetric',
          false,
          'a symmetric kernel for this solver (A-SignGD has none)',
        );
      }
      return eigen(options);
    },
    cholesky: (shift, options) => {
      if (factor?.shift !== shift) {
        factor = { shift, of: kept((later) => factorOf(shift, later)) };
      }
      return factor.of(options);
    },
    isDefinite: async (shift, options) => {
      const found = await factorOf(shift, options);
      spare = found?.storage;
      return found !== undefined;
    },
  };
};

const singularValuesOf = async (
  matrix: Float64Array,
  size: number,
  options: LinearAlgebraOptions,
): Promise<Float64Array> => {
  const gram = await gramMatrix(matrix, size, size, productFor(size, options.addProduct));
  const { values } = await decomposeSymmetric(gram, size, options);
  return values.map((value) => Math.sqrt(Math.max(0, value)));
};

const cache = new WeakMap<Float64Array, Map<boolean, KernelAnalysis>>();

/**
 * Checks the train kernel of a split. The result, and everything that is computed of it, is kept as long as the kernel's
 * array is. A grid of hyperparameters pays for one decomposition; the array must not be changed in the meantime.
 *
 * @param split checked train split, kernel `[N, C, N, C]`
 * @throws AsymmetricKernelError
 */
export const analyseKernel = (split: KernelSplit, checks: KernelChecks): KernelAnalysis => {
  const { data, shape } = split.kernel;
  const symmetric = checks.symmetric ?? split.flipped === undefined;
  const known = cache.get(data) ?? new Map<boolean, KernelAnalysis>();
  cache.set(data, known);
  const analysis = known.get(symmetric) ?? analyse(data, shape[0]! * shape[1]!, symmetric);
  known.set(symmetric, analysis);
  return analysis;
};

/** Kernels that are known to have no eigenvalue below the tolerance. */
const semidefinite = new WeakSet<KernelAnalysis>();

/**
 * Refuses a symmetric kernel with eigenvalues below −1e-5 of the largest. Without a spectrum Cholesky's factorization shows
 * that there are none; where it fails, the spectrum says which.
 *
 * @throws IndefiniteKernelError
 */
export const assertSemidefinite = async (
  analysis: KernelAnalysis,
  options: LinearAlgebraOptions,
): Promise<void> => {
  if (!analysis.symmetric || semidefinite.has(analysis)) return;
  if (!analysis.knownSpectrum()) {
    const shift = indefiniteTolerance * (await analysis.operatorNorm(options));
    if (await analysis.isDefinite(shift, options)) {
      semidefinite.add(analysis);
      return;
    }
  }
  const { eigenvalues } = await analysis.spectrum(options);
  const [least = 0, most = 0] = [eigenvalues[0], eigenvalues[analysis.size - 1]];
  if (least < -indefiniteTolerance * Math.abs(most)) throw new IndefiniteKernelError(least, most);
  semidefinite.add(analysis);
};

/** Singular values at or below this count as zero, as in a rank-revealing least-squares solver. */
export const rankFloor = (size: number, operatorNorm: number): number => size * 2 ** -52 * operatorNorm;
