import { isError, type LinearOperator, type LongTaskOptions } from '@ntk-lens/core';
import { ConvergenceError } from '../errors.js';
import {
  conjugateGradients,
  type IterationStore,
  nystrom,
  operatorFlow,
  requireSolved,
  topEigenvalues,
} from '../operators/index.js';
import { keptStart, readState, writeState } from './iteration-store.js';
import type { MatrixFreeSpec } from './matrix-free-spec.js';

export interface IterationOptions extends LongTaskOptions {
  /** Residual of conjugate gradients, and change of gradient flow, that end them. Default: 1e-7. */
  readonly tolerance?: number;
  /** Default: 300. */
  readonly maxIterations?: number;
  /** Vectors of the Nyström approximation that preconditions. Default: 32. */
  readonly sketch?: number;
  /** Seed of the random vectors. Default: 0. */
  readonly seed?: number;
  /** Keeps what is done, so that work that was interrupted goes on. One store is for one problem. Default: nothing is kept. */
  readonly store?: IterationStore;
}

/** Coefficients for every right-hand side, or why there are none. */
export type Solved =
  | { readonly columns: readonly Float64Array[]; readonly iterations: number }
  | ConvergenceError;

/** The solutions of all candidates, and the unit of their ridges. */
export interface SolvedCandidates {
  /** The largest eigenvalue of the kernel. */
  readonly largestEigenvalue: number;
  /** By {@link keyOf}: solutions are linear in the targets, so those of f₀ and of the labels serve every scale. */
  readonly solutions: ReadonlyMap<string, Solved>;
}

/** The part of a candidate that the system depends on. */
export const keyOf = (spec: MatrixFreeSpec): string =>
  spec.solver === 'lstsq' ? `ridge ${spec.ridge}` : `time ${spec.time}`;

/** The largest eigenvalue scales ridges and times: its square root of rounding is as good as it needs to be. */
const EIGENVALUE_TOLERANCE = 1e-5;

const caught = async <T>(work: () => Promise<T>): Promise<T | ConvergenceError> => {
  try {
    return await work();
  } catch (error) {
    if (isError(error, ConvergenceError)) return error;
    throw error;
  }
};

/**
 * Solves for all candidates and right-hand sides together: conjugate gradients share their products, and one run of Lanczos's
 * method serves all times.
 *
 * @throws CancelledError; ConvergenceError where not even the largest eigenvalue is found
 */
export const solveCandidates = async (
  operator: LinearOperator,
  specs: readonly MatrixFreeSpec[],
  rights: readonly Float64Array[],
  options: IterationOptions,
): Promise<SolvedCandidates> => {
  const { tolerance = 1e-7, maxIterations = 300, sketch = 32, seed = 0, store, signal, onProgress } = options;
  const long = { signal, onProgress };
  const ridges = [...new Set(specs.flatMap((spec) => (spec.solver === 'lstsq' ? [spec.ridge] : [])))];
  const times = [...new Set(specs.flatMap((spec) => (spec.solver === 'lstsq' ? [] : [spec.time])))];
  const { approximation, largestEigenvalue: largest } = await keptStart(store, async () => {
    const found = await nystrom(operator, sketch, seed, long);
    const { values } = await topEigenvalues(operator, 1, {
      ...{ tolerance: EIGENVALUE_TOLERANCE, start: found.vectors[0], seed },
      ...long,
    });
    return { approximation: found, largestEigenvalue: values[0]! };
  });
  const solutions = new Map<string, Solved>();
  const systems = ridges.flatMap((ridge) => rights.map((right) => ({ shift: ridge * largest, right })));
  const found = await conjugateGradients(operator, systems, {
    ...{ approximation, tolerance, maxIterations },
    state: await readState(store),
    onState: store && ((state) => writeState(store, state)),
    ...long,
  });
  for (const [r, ridge] of ridges.entries()) {
    const own = found.slice(r * rights.length, (r + 1) * rights.length);
    solutions.set(
      keyOf({ solver: 'lstsq', ridge }),
      await caught(async () => ({
        columns: own.map((solution) => requireSolved(solution, tolerance).x),
        iterations: Math.max(...own.map(({ iterations }) => iterations)),
      })),
    );
  }
  if (times.length > 0) {
    const flows = await caught(() =>
      operatorFlow(
        operator,
        rights,
        times.map((time) => time / largest),
        { tolerance, maxSteps: maxIterations, store, ...long },
      ),
    );
    for (const [t, time] of times.entries())
      solutions.set(
        keyOf({ solver: 'gradient-flow', time }),
        flows instanceof ConvergenceError
          ? flows
          : { columns: flows.solutions.map((own) => own[t]!), iterations: flows.steps },
      );
  }
  return { largestEigenvalue: largest, solutions };
};
