import { BadArgumentError } from '@ntk-lens/core';
import type { OptionsOf, SolverChoice, SolverName, SolverSpec } from '../solvers/index.js';

/** Ridge strengths of the protocol (docs/theory.md, Solvers and grids). */
export const ridgeGrid: readonly number[] = [0, 0.001, 0.01, 0.1, 1];

/** f₀ scales of the protocol; Infinity: not used. */
export const f0ScaleGrid: readonly number[] = [10, 100, 1000, 10000, Number.POSITIVE_INFINITY];

/** For each option the values to try. */
export type GridAxes<C extends SolverChoice> = {
  readonly [K in keyof OptionsOf<C>]?: readonly NonNullable<OptionsOf<C>[K]>[];
};

/**
 * Every combination of the given option values.
 *
 * @example
 * ```ts
 * const candidates = solverGrid('lstsq', { ridge: ridgeGrid, f0Scale: f0ScaleGrid }); // 25 candidates
 * ```
 * @throws BadArgumentError for an axis without values
 */
export const solverGrid = <C extends SolverChoice = SolverName>(
  solver: C,
  axes: GridAxes<C> = {},
): SolverSpec<C>[] => {
  let points: Record<string, unknown>[] = [{ solver }];
  for (const [name, values] of Object.entries<readonly unknown[] | undefined>(axes)) {
    if (values === undefined) continue;
    if (values.length === 0) throw new BadArgumentError(`grid axis ${name}`, 'no values', 'at least one');
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  }
  return points as unknown as SolverSpec<C>[];
};
