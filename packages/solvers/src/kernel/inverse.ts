import { productFor } from '../linalg/add-product.js';
import { choleskyInverse } from '../linalg/cholesky.js';
import { makePause } from '../linalg/pause.js';
import { eigenvectorsOf, type LinearAlgebraOptions } from '../linalg/symmetric-eigen.js';
import { type KernelAnalysis, rankFloor } from './analysis.js';
import { regularFactor } from './spectrum.js';

/** (K + shift·I)⁻¹ = Σ_k w_k r_k r_kᵀ. */
export interface InverseKernel {
  /** Row-major `[size, size]`: r_k is row k. */
  readonly rows: Float64Array;
  /** 0 for directions that are zero to rounding. */
  readonly weights: Float64Array;
}

/** The inverse of a symmetric kernel plus shift·I: the rows of L⁻¹, or eigenvectors where the kernel may be singular. */
export const invertKernel = async (
  analysis: KernelAnalysis,
  shift: number,
  options: LinearAlgebraOptions,
): Promise<InverseKernel> => {
  const { size } = analysis;
  let factor = await regularFactor(analysis, shift, options);
  if (!factor && !analysis.knownSpectrum()) {
    await analysis.spectrum(options);
    factor = await regularFactor(analysis, shift, options);
  }
  if (factor) {
    const pause = makePause(options, 'invert factor of kernel');
    const rows = await choleskyInverse(factor, productFor(size, options.addProduct), pause);
    return { rows, weights: new Float64Array(size).fill(1) };
  }
  const eigen = await analysis.eigen(options);
  const floor = rankFloor(size, (await analysis.operatorNorm(options)) + shift);
  const weights = eigen.values.map((value) => (Math.abs(value + shift) <= floor ? 0 : 1 / (value + shift)));
  return { rows: await eigenvectorsOf(eigen, options), weights };
};
