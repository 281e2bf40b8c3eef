import type { LinearOperator, LongTaskOptions } from '@ntk-lens/core';
import { ConvergenceError } from '../errors.js';
import { LanczosRun } from '../linalg/lanczos.js';
import { norm } from './columns.js';
import type { IterationStore } from './iteration-store.js';
import { functionOf, inSpace, ritz, runLanczos } from './krylov.js';

export interface FlowOptions extends LongTaskOptions {
  /** Change of the functions from one look to the next that counts as none, relative to their size. Default: 1e-7. */
  readonly tolerance?: number;
  /** Default: 300. */
  readonly maxSteps?: number;
  /** Keeps the steps, so that a call that was interrupted goes on. One store is for one call. Default: nothing is kept. */
  readonly store?: IterationStore;
}

export interface FlowSolutions {
  /** For every y, the coefficients at every time. */
  readonly solutions: readonly (readonly Float64Array[])[];
  readonly steps: number;
}

/** Steps from one look at the functions to the next. */
const LOOK = 4;

/** φ(λ) = (1 − e^(−λt)) / λ, which is t at λ = 0. */
const flow =
  (time: number) =>
  (value: number): number =>
    value * time < 1e-12 ? time : -Math.expm1(-value * time) / value;

/**
 * Gradient flow with squared loss on a kernel that is known by its products: a(t) = φ(K) y with φ(λ) = (1 − e^(−λt)) / λ, and
 * f_t = K a(t), by Lanczos's method (docs/theory.md, Kernel behaviour). One run serves all times of a vector.
 *
 * @param rights targets y, all at once
 * @param times absolute, Σ of learning rates of gradient descent on the summed loss; finite
 * @throws ConvergenceError, CancelledError
 */
export const operatorFlow = async (
  operator: LinearOperator,
  rights: readonly Float64Array[],
  times: readonly number[],
  { tolerance = 1e-7, maxSteps = 300, store, signal, onProgress }: FlowOptions = {},
): Promise<FlowSolutions> => {
  const runs = rights.map((y) => new LanczosRun(y));
  const known = new Map<LanczosRun, readonly Float64Array[]>();
  const coefficients = async (run: LanczosRun): Promise<readonly Float64Array[]> => {
    const eigen = await ritz(run);
    const found: Float64Array[] = [];
    for (const time of times) found.push(await functionOf(run, eigen, flow(time)));
    return found;
  };
  const change = (before: readonly Float64Array[] | undefined, after: readonly Float64Array[]): number =>
    before
      ? Math.max(...after.map((c, t) => norm(c.map((x, i) => x - (before[t]![i] ?? 0))) / norm(c)))
      : Number.POSITIVE_INFINITY;
  const changes = new Map<LanczosRun, number>();
  const left = await runLanczos(
    operator,
    runs,
    {
      ...{ most: maxSteps, what: 'gradient flow', kept: store && { store, name: 'flow' } },
      ...{ signal, onProgress },
    },
    async (run) => {
      if (run.steps % LOOK !== 0) return false;
      const after = await coefficients(run);
      changes.set(run, change(known.get(run), after));
      known.set(run, after);
      return changes.get(run)! <= tolerance;
    },
  );
  if (left.length > 0)
    throw new ConvergenceError(
      'Gradient flow',
      maxSteps,
      `Found a change of ${Math.max(...left.map((run) => changes.get(run) ?? 1)).toExponential(1)} in the last steps, expected at most ${tolerance}. Stop earlier, or raise \`maxSteps\` or \`tolerance\`.`,
    );
  const solutions: Float64Array[][] = [];
  for (const [i, run] of runs.entries()) {
    const size = rights[i]!.length;
    solutions.push(
      run.steps === 0
        ? times.map(() => new Float64Array(size))
        : (await coefficients(run)).map((c) => inSpace(run, c)),
    );
  }
  return { solutions, steps: Math.max(...runs.map(({ steps }) => steps)) };
};
