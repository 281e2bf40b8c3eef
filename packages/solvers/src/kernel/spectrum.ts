import { choleskySolve } from '../linalg/cholesky.js';
import type { LinearAlgebraOptions } from '../linalg/symmetric-eigen.js';
import { type SymmetricEigen, throughSpectrum } from '../linalg/symmetric-eigen.js';
import { type KernelAnalysis, rankFloor } from './analysis.js';

/** A solution of (K + shift·I) a = y, and how many directions of the kernel took part. */
export interface ShiftedSolution {
  readonly coefficients: Float64Array;
  readonly rank: number;
}

/** Minimum-norm solution of (K + shift·I) a = y from the eigenvectors of a symmetric K. */
export const solveBySpectrum = async (
  eigen: SymmetricEigen,
  targets: Float64Array,
  shift: number,
  options: LinearAlgebraOptions,
): Promise<ShiftedSolution> => {
  const { size, values } = eigen;
  const floor = rankFloor(size, Math.max(Math.abs(values[0]!), Math.abs(values[size - 1]!)) + shift);
  let rank = 0;
  const along = (component: number, value: number): number => {
    if (Math.abs(value + shift) <= floor) return 0;
    rank++;
    return component / (value + shift);
  };
  const coefficients = await throughSpectrum(eigen, targets, along, options);
  return { coefficients, rank };
};

/** Smallest eigenvalue, relative to the norm of the kernel, of one that is regular beyond doubt. */
const surelyRegular = 1e-8;

/** Cholesky's factor of K + shift·I where the shift, or what is known of the spectrum, makes it regular; undefined otherwise. */
export const regularFactor = async (
  analysis: KernelAnalysis,
  shift: number,
  options: LinearAlgebraOptions,
): ReturnType<KernelAnalysis['cholesky']> => {
  const known = await analysis.knownSpectrum();
  const least = (known?.eigenvalues[0] ?? 0) + shift;
  if (least <= 0 || least < surelyRegular * (await analysis.operatorNorm(options))) return undefined;
  return analysis.cholesky(shift, options);
};

/**
 * Minimum-norm solution of (K + shift·I) a = y for a symmetric K: by Cholesky's factor where a ridge makes the system
 * regular and nobody needs the spectrum, else by the spectrum.
 */
export const solveShifted = async (
  analysis: KernelAnalysis,
  targets: Float64Array,
  shift: number,
  options: LinearAlgebraOptions,
): Promise<ShiftedSolution> => {
  const factor = analysis.knownSpectrum() ? undefined : await regularFactor(analysis, shift, options);
  if (factor) return { coefficients: choleskySolve(factor, targets), rank: analysis.size };
  return solveBySpectrum(await analysis.eigen(options), targets, shift, options);
};
