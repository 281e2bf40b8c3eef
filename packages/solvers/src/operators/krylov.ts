import {
  columnOf,
  fromColumns,
  type LinearOperator,
  type LongTaskOptions,
  type NDArray,
  ndarray,
  throwIfCancelled,
} from '@ntk-lens/core';
import type { LanczosRun } from '../linalg/lanczos.js';
import { decomposeSymmetric, type SymmetricEigen, throughSpectrum } from '../linalg/symmetric-eigen.js';
import { combine } from './columns.js';
import type { IterationStore } from './iteration-store.js';
import { nested } from './nested-progress.js';

/** The eigenvectors and eigenvalues of T. */
export const ritz = async (run: LanczosRun): Promise<SymmetricEigen> => {
  const n = run.steps;
  const t = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    t[i * (n + 1)] = run.alphas[i]!;
    if (i + 1 < n) t[i * n + i + 1] = t[(i + 1) * n + i] = run.betas[i]!;
  }
  return decomposeSymmetric(t, n);
};

/** φ(T) e₁ times the length of the start: V times it is φ(A) of the start, as far as the space goes. */
export const functionOf = async (
  run: LanczosRun,
  eigen: SymmetricEigen,
  phi: (value: number) => number,
): Promise<Float64Array> => {
  const start = new Float64Array(run.steps);
  start[0] = run.norm;
  return throughSpectrum(eigen, start, (component, value) => component * phi(value), {});
};

/** V c. */
export const inSpace = ({ basis }: LanczosRun, coefficients: Float64Array): Float64Array =>
  combine(basis.slice(0, coefficients.length), coefficients, basis[0]?.length ?? 0);

export interface KrylovOptions extends LongTaskOptions {
  /** Steps, at most. */
  readonly most: number;
  /** The work, for progress and for the message of a cancellation. */
  readonly what: string;
  /** Keeps every step under a name, so that work that was interrupted goes on. Default: nothing is kept. */
  readonly kept?: KeptSteps;
}

/** A place for the steps of a run. */
export interface KeptSteps {
  readonly store: IterationStore;
  /** No other run of the store has it; letters alone. */
  readonly name: string;
}

/**
 * Runs Lanczos's method from several starts with one symmetric operator: a step is one product with all of them.
 *
 * @param isDone asked after every step for every start; one that is done takes part no more
 * @returns the starts that were not done within the steps
 */
export const runLanczos = async (
  operator: LinearOperator,
  runs: readonly LanczosRun[],
  { most, what, kept, signal, onProgress }: KrylovOptions,
  isDone: (run: LanczosRun) => Promise<boolean>,
): Promise<readonly LanczosRun[]> => {
  let open = runs.filter(({ ended }) => !ended);
  let isKept = kept !== undefined;
  for (let step = 0; step < most && open.length > 0; step++) {
    throwIfCancelled(signal, what);
    const event = { phase: what, done: step, unit: 'steps' };
    const known = isKept ? await kept?.store.read(nameOf(kept, step)) : undefined;
    isKept = known !== undefined;
    const vectors = open.map((run) => run.next());
    if (known) retakeStep(open, known);
    else {
      const products = await operator.matmat(fromColumns(vectors), nested({ signal, onProgress }, event));
      for (const [j, run] of open.entries()) run.take(columnOf(products, j));
      await kept?.store.write(nameOf(kept, step), keptStep(open));
    }
    const left: LanczosRun[] = [];
    for (const run of open) if (!run.ended && !(await isDone(run))) left.push(run);
    open = left;
    if (!known) onProgress?.({ ...event, done: step + 1 });
  }
  return open;
};

const nameOf = ({ name }: KeptSteps, step: number): string => `${name}-${step}`;

/** All that a step adds to the runs that took part. */
const keptStep = (open: readonly LanczosRun[]): Readonly<Record<string, NDArray>> => ({
  alphas: ndarray<'float64'>(
    Float64Array.from(open, ({ alphas }) => alphas.at(-1)!),
    [open.length],
  ),
  rests: fromColumns(open.map(({ rest }) => rest)),
});

const retakeStep = (open: readonly LanczosRun[], known: Readonly<Record<string, NDArray>>): void => {
  for (const [j, run] of open.entries())
    run.retake(known['alphas']!.data[j]!, columnOf(known['rests'] as NDArray<'float64'>, j));
};
