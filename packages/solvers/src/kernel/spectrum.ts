import { type SymmetricEigen, throughSpectrum } from '../linalg/symmetric-eigen.js';
import { rankFloor } from './analysis.js';

/** Minimum-norm solution of (K + shift·I) a = y from the eigenvectors of a symmetric K, and how many took part. */
export const solveBySpectrum = (
  eigen: SymmetricEigen,
  targets: Float64Array,
  shift: number,
): { readonly coefficients: Float64Array; readonly rank: number } => {
  const { size, values } = eigen;
  const floor = rankFloor(size, Math.max(Math.abs(values[0]!), Math.abs(values[size - 1]!)) + shift);
  let rank = 0;
  const coefficients = throughSpectrum(eigen, targets, (component, value) => {
    if (Math.abs(value + shift) <= floor) return 0;
    rank++;
    return component / (value + shift);
  });
  return { coefficients, rank };
};
