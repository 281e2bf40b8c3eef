import { isError, type LinearOperator } from '@ntk-lens/core';
import { ConvergenceError } from '../errors.js';
import type { Interval } from './interval.js';
import { type TopEigenvalues, topEigenvalues } from './top-eigenvalues.js';
import { estimateEffectiveRank, type TraceOptions } from './trace.js';

/** The part of a spectrum that products with an operator tell. */
export interface Spectrum {
  /** The largest eigenvalues, descending. */
  readonly top: readonly number[];
  /** An eigenvalue lies within so much of each. */
  readonly bounds: readonly number[];
  /** Sum of all eigenvalues, with its 95 % interval. */
  readonly trace: Interval;
  /** exp of the entropy of the eigenvalues as shares of the trace, with its 95 % interval. */
  readonly effectiveRank: Interval;
}

export interface SpectrumOptions extends TraceOptions {
  /** Eigenvalues, at most. Default: 10. */
  readonly count?: number;
}

/** Bounds of eigenvalues, relative to the largest: more digits are not shown. */
const TOLERANCE = 1e-4;

/**
 * The largest eigenvalues of a positive semidefinite operator, its trace and its effective rank. Products tell so much of the
 * diagnostics of a kernel whose entries are not there. Eigenvalues that do not converge are left out.
 *
 * @example
 * ```ts
 * const { top, effectiveRank } = await estimateSpectrum(splits.train.kernel);
 * ```
 * @throws what `topEigenvalues` and `estimateTrace` throw, except for eigenvalues that do not converge
 */
export const estimateSpectrum = async (
  operator: LinearOperator,
  { count = 10, ...options }: SpectrumOptions = {},
): Promise<Spectrum> => {
  const { values, bounds } = await largest(operator, Math.min(count, operator.shape[0]), options);
  return { top: [...values], bounds: [...bounds], ...(await estimateEffectiveRank(operator, options)) };
};

/** As many of so many eigenvalues as converge. */
const largest = async (
  operator: LinearOperator,
  count: number,
  options: TraceOptions,
): Promise<TopEigenvalues> => {
  try {
    return await topEigenvalues(operator, count, { ...options, tolerance: TOLERANCE });
  } catch (error) {
    if (count === 1 || !isError(error, ConvergenceError)) throw error;
    return largest(operator, Math.floor(count / 2), options);
  }
};
