import {
  BadArgumentError,
  columnOf,
  fromColumns,
  type LinearOperator,
  type LongTaskOptions,
  throwIfCancelled,
} from '@ntk-lens/core';
import { ConvergenceError } from '../errors.js';
import { addScaled, inner, norm } from './columns.js';
import { nested } from './nested-progress.js';
import { type NystromApproximation, precondition } from './nystrom.js';

/** The system (K + shift · I) x = right. */
export interface ShiftedSystem {
  readonly shift: number;
  readonly right: Float64Array;
}

/** The result of the iterations for a system. */
export interface IterativeSolution {
  readonly x: Float64Array;
  readonly iterations: number;
  /** ‖right − (K + shift · I) x‖ / ‖right‖, as the iterations carry it along. */
  readonly residual: number;
  /** The residual is within the tolerance. */
  readonly converged: boolean;
}

export interface ConjugateGradientOptions extends LongTaskOptions {
  /** The residual at which a system is solved. Default: 1e-7. */
  readonly tolerance?: number;
  /** Default: 500. */
  readonly maxIterations?: number;
  /** An approximation of K that makes the iterations few. Default: none. */
  readonly approximation?: NystromApproximation;
  /** The state of an earlier call, with which the iterations go on. */
  readonly state?: IterationState;
  /** Is given the state after every iteration. */
  readonly onState?: (state: IterationState) => Promise<void>;
}

/** Everything that the next iterations depend on. */
export interface IterationState {
  readonly step: number;
  readonly systems: readonly SystemState[];
}

export interface SystemState {
  readonly x: Float64Array;
  readonly r: Float64Array;
  readonly p: Float64Array;
  /** ⟨r, P⁻¹ r⟩, the residual, the iterations, and 1 where rounding ended them. */
  readonly scalars: Float64Array;
}

/**
 * A solution that converged.
 *
 * @throws ConvergenceError for another
 */
export const requireSolved = (solution: IterativeSolution, tolerance: number): IterativeSolution => {
  const { converged, iterations, residual } = solution;
  if (converged) return solution;
  throw new ConvergenceError(
    'Conjugate gradients',
    iterations,
    `Found a residual of ${residual.toExponential(1)} of the targets, expected at most ${tolerance}. Choose a larger ridge, or raise \`maxIterations\` or \`tolerance\`.`,
  );
};

/** One system while it is solved. */
class Iteration {
  readonly x: Float64Array;
  readonly #system: ShiftedSystem;
  readonly #r: Float64Array;
  readonly #scale: number;
  readonly #apply: (r: Float64Array) => Float64Array;
  p: Float64Array;
  #rz: number;
  iterations: number;
  residual: number;
  /** It met a direction along which the operator is not positive: rounding is all that is left. */
  broken: boolean;

  constructor(
    system: ShiftedSystem,
    approximation: NystromApproximation | undefined,
    state: SystemState | undefined,
  ) {
    this.#system = system;
    this.#apply = approximation ? (r) => precondition(approximation, system.shift, r) : (r) => r.slice();
    this.#scale = norm(system.right);
    this.x = state?.x ?? new Float64Array(system.right.length);
    this.#r = state?.r ?? system.right.slice();
    this.p = state?.p ?? this.#apply(this.#r);
    const first = [inner(this.#r, this.p), this.#scale === 0 ? 0 : 1, 0, 0];
    const [rz, residual, iterations, broken] = state ? [...state.scalars] : first;
    this.#rz = rz!;
    this.residual = residual!;
    this.iterations = iterations!;
    this.broken = broken === 1;
  }

  get state(): SystemState {
    const scalars = Float64Array.of(this.#rz, this.residual, this.iterations, Number(this.broken));
    return { x: this.x, r: this.#r, p: this.p, scalars };
  }

  /** @param product K p */
  take(product: Float64Array): void {
    addScaled(product, this.#system.shift, this.p);
    const curvature = inner(this.p, product);
    if (!(curvature > 0)) {
      this.broken = true;
      return;
    }
    const step = this.#rz / curvature;
    addScaled(this.x, step, this.p);
    addScaled(this.#r, -step, product);
    this.iterations++;
    this.residual = norm(this.#r) / this.#scale;
    const z = this.#apply(this.#r);
    const rz = inner(this.#r, z);
    addScaled(z, rz / this.#rz, this.p);
    this.p = z;
    this.#rz = rz;
  }
}

/**
 * Solves systems with one positive semidefinite operator and a shift each by preconditioned conjugate gradients, all of them
 * together: an iteration is one product with the directions of those that are not solved yet.
 *
 * @example
 * ```ts
 * const approximation = await nystrom(operator, 32, 0);
 * const [{ x, iterations }] = await conjugateGradients(operator, [{ shift: 0.1, right: targets }], { approximation });
 * ```
 * @returns a solution for every system, converged or not
 * @throws BadArgumentError for a tolerance or a limit out of range, and an operator that is not square; CancelledError
 */
export const conjugateGradients = async (
  operator: LinearOperator,
  systems: readonly ShiftedSystem[],
  options: ConjugateGradientOptions = {},
): Promise<readonly IterativeSolution[]> => {
  const {
    tolerance = 1e-7,
    maxIterations = 500,
    approximation,
    state,
    onState,
    signal,
    onProgress,
  } = options;
  const [rows, columns] = operator.shape;
  if (rows !== columns) throw new BadArgumentError('operator', `shape [${rows}, ${columns}]`, 'a square one');
  if (!(tolerance > 0)) throw new BadArgumentError('tolerance', tolerance, 'a number above 0');
  if (!(Number.isInteger(maxIterations) && maxIterations >= 1))
    throw new BadArgumentError('maxIterations', maxIterations, 'a positive integer');
  const all = systems.map((system, j) => new Iteration(system, approximation, state?.systems[j]));
  for (let step = state?.step ?? 0; step < maxIterations; step++) {
    throwIfCancelled(signal, 'Conjugate gradients');
    const open = all.filter(({ residual, broken }) => residual > tolerance && !broken);
    if (open.length === 0) break;
    const event = { phase: 'conjugate gradients', done: step, unit: 'iterations' };
    const directions = fromColumns(open.map(({ p }) => p));
    const product = await operator.matmat(directions, nested({ signal, onProgress }, event));
    for (const [j, one] of open.entries()) one.take(columnOf(product, j));
    await onState?.({ step: step + 1, systems: all.map((one) => one.state) });
    const worst = Math.max(...open.map(({ residual }) => residual));
    onProgress?.({
      ...{ ...event, done: step + 1 },
      detail: `residual ${worst.toExponential(1)}, ${open.length} of ${all.length} systems`,
    });
  }
  return all.map(({ x, iterations, residual }) => ({
    ...{ x, iterations, residual },
    converged: residual <= tolerance,
  }));
};
