import { BadArgumentError } from '@ntk-lens/core';
import type { SolverName, SolverSpec } from './create-solver.js';

/** Ridge strengths of the paper's protocol (PAPER §3). */
export const ridgeGrid: readonly number[] = [0, 0.001, 0.01, 0.1, 1];

/** f₀ scales of the protocol (docs/theory.md, *Protocol*); Infinity: not used. */
export const f0ScaleGrid: readonly number[] = [10, 100, 1000, 10000, Number.POSITIVE_INFINITY];

type OptionsOf<S extends SolverName> = Omit<Extract<SolverSpec, { solver: S }>, 'solver'>;
/** For each option the values to try. */
export type GridAxes<S extends SolverName> = {
  readonly [K in keyof OptionsOf<S>]?: readonly NonNullable<OptionsOf<S>[K]>[];
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
export const solverGrid = <S extends SolverName>(solver: S, axes: GridAxes<S> = {}): SolverSpec[] => {
  let points: Record<string, unknown>[] = [{ solver }];
  for (const [name, values] of Object.entries(axes) as [string, readonly unknown[] | undefined][]) {
    if (values === undefined) continue;
    if (values.length === 0) throw new BadArgumentError(`grid axis ${name}`, 'no values', 'at least one');
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  }
  return points as unknown as SolverSpec[];
};
