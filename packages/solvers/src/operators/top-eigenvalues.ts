import { BadArgumentError, type LinearOperator, type LongTaskOptions, Mt19937 } from '@ntk-lens/core';
import { ConvergenceError } from '../errors.js';
import { tridiagonalEigen } from '../linalg/divide-conquer.js';
import { LanczosRun } from '../linalg/lanczos.js';
import { makePause } from '../linalg/pause.js';
import type { IterationStore } from './iteration-store.js';
import { runLanczos } from './krylov.js';
import { normalVector } from './nystrom.js';

export interface TopOptions extends LongTaskOptions {
  /** Residuals that count as none, relative to the largest eigenvalue. Default: 1e-6. */
  readonly tolerance?: number;
  /** Default: 300, or the size where that is less. */
  readonly maxSteps?: number;
  /** Seed of the start. Default: 0. */
  readonly seed?: number;
  /** Default: a random vector. */
  readonly start?: Float64Array;
  /** Keeps the steps, so that a call that was interrupted goes on. One store is for one call. Default: nothing is kept. */
  readonly store?: IterationStore;
}

/** The largest eigenvalues of an operator. */
export interface TopEigenvalues {
  /** Descending. */
  readonly values: Float64Array;
  /** An eigenvalue lies within so much of each: the residual of its approximate eigenvector. */
  readonly bounds: Float64Array;
  readonly steps: number;
}

/**
 * The largest eigenvalues of a symmetric operator by Lanczos's method. A value that occurs several times is found once.
 *
 * @example
 * ```ts
 * const { values } = await topEigenvalues(splits.train.kernel, 10);
 * values[0]; // the unit of ridge strengths
 * ```
 * @throws BadArgumentError for a count that is no integer from 1 to the size; ConvergenceError, CancelledError
 */
export const topEigenvalues = async (
  operator: LinearOperator,
  count: number,
  { tolerance = 1e-6, maxSteps = 300, seed = 0, start, store, signal, onProgress }: TopOptions = {},
): Promise<TopEigenvalues> => {
  const [size] = operator.shape;
  if (!(Number.isInteger(count) && count >= 1 && count <= size))
    throw new BadArgumentError('count', count, `an integer from 1 to ${size}`);
  const run = new LanczosRun(start ?? normalVector(new Mt19937(seed), size));
  const pause = makePause({ signal }, 'largest eigenvalues');
  const top = async (): Promise<TopEigenvalues> => {
    const { values, last } = await tridiagonalEigen(...run.diagonals, pause);
    const at = Array.from({ length: Math.min(count, values.length) }, (_, k) => values.length - 1 - k);
    const residual = run.ended ? 0 : run.betas.at(-1)!;
    return {
      values: Float64Array.from(at, (k) => values[k]!),
      bounds: Float64Array.from(at, (k) => Math.abs(residual * last[k]!)),
      steps: run.steps,
    };
  };
  const within = ({ values, bounds }: TopEigenvalues): number =>
    values.length < count ? Number.POSITIVE_INFINITY : Math.max(...bounds) / Math.abs(values[0]!);
  const left = await runLanczos(
    operator,
    [run],
    {
      ...{ most: Math.min(maxSteps, size), what: 'largest eigenvalues' },
      ...{ kept: store && { store, name: 'top' }, signal, onProgress },
    },
    async () => run.steps >= count && within(await top()) <= tolerance,
  );
  const found = await top();
  if (left.length > 0 && run.steps < size)
    throw new ConvergenceError(
      `Lanczos's method for ${count} eigenvalues`,
      maxSteps,
      `Found a residual of ${within(found).toExponential(1)} of the largest, expected at most ${tolerance}. Ask for fewer, or raise \`maxSteps\` or \`tolerance\`.`,
    );
  return found;
};
