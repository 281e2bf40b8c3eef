import { BadArgumentError, didYouMean } from '@ntk-lens/core';
import type { SolverGrids } from '../definition/grids.js';
import type { SolverOption } from '../definition/options.js';
import {
  type AnySolver,
  type SolverName,
  type SolverSpec,
  solverNames,
  solverOf,
  solvers,
} from '../solvers/index.js';

/** The properties that decide which solvers can take a kernel. */
export interface KernelTraits {
  /** False when the logits of the pre-trained model are not known. */
  readonly hasLogits: boolean;
  /** Two kernels, neither symmetric: those of formulas whose training and query sides differ. */
  readonly asymmetric: boolean;
}

/**
 * The solvers of a list such as `lstsq,svc`, or `auto`.
 *
 * @throws BadArgumentError, which lists the solvers
 */
export const knownSolvers = (list: string): readonly SolverName[] | 'auto' => {
  if (list.trim() === 'auto') return 'auto';
  return [...new Set(list.split(',').map((item) => item.trim()))].map((name) => {
    if (solverNames.some((known) => known === name)) return name as SolverName;
    const expected = `auto, or one or more of ${solverNames.join(', ')}`;
    throw new BadArgumentError('solver', name, expected, didYouMean(name, ['auto', ...solverNames]));
  });
};

/**
 * Checks that the solvers of a list can be fitted to scores.
 *
 * @throws BadArgumentError if one is for labels only
 */
export const regressionSolvers = (list: string): void => {
  const able: readonly string[] = solvers.filter(({ fits }) => fits === 'scores').map(({ name }) => name);
  const known = knownSolvers(list);
  const unable = known === 'auto' ? known : known.find((name) => !able.includes(name));
  if (unable !== undefined) {
    throw new BadArgumentError('solver', unable, `one that fits scores: ${able.join(', ')}`);
  }
};

/** Solvers that `auto` chooses from. */
const automatic = (asymmetric: boolean): readonly AnySolver[] =>
  solvers.filter(
    ({ auto, kernels }: AnySolver) => auto && (kernels === 'any' || (kernels === 'flipped') === asymmetric),
  );

/**
 * The specifications to choose from on dev: the grids, as far as each solver has such an option and takes its values.
 *
 * @example
 * ```ts
 * const grids = { solver: 'auto', ridge: ridgeGrid, f0Scales: [10, null] };
 * const candidates = solverCandidates(grids, { hasLogits: true, asymmetric: false });
 * ```
 * @throws BadArgumentError for an unknown solver
 */
export const solverCandidates = (
  grids: SolverGrids,
  { hasLogits, asymmetric }: KernelTraits,
): readonly SolverSpec[] => {
  const given = { ...grids, f0Scales: hasLogits ? grids.f0Scales : [null] };
  const known = knownSolvers(grids.solver);
  const chosen = known === 'auto' ? automatic(asymmetric) : known.map(solverOf);
  return chosen.flatMap((solver) => candidatesOf(solver, given));
};

const candidatesOf = (solver: AnySolver, grids: SolverGrids): readonly SolverSpec[] => {
  let points: Record<string, unknown>[] = [{}];
  for (const [name, option] of Object.entries<SolverOption>(solver.options)) {
    const values = valuesOf(option, grids);
    points = points.flatMap((point) => {
      const more = values
        .map((value) => ({ ...point, [name]: value }))
        .filter((tried) => !solver.refuse?.(tried));
      return more.length > 0 ? more : [point];
    });
  }
  const checks = grids.allowIndefinite ? { allowIndefinite: true } : {};
  return points.map((point) => ({ solver: solver.name, ...point, ...checks })) as unknown as SolverSpec[];
};

/** Values of an option to try; null in a grid stands for Infinity. */
const valuesOf = ({ grid, tries = [], skips }: SolverOption, grids: SolverGrids): readonly unknown[] => {
  const values = grid === undefined ? undefined : grids[grid];
  if (typeof values === 'string') return [values];
  if (!Array.isArray(values)) return tries;
  if (values.length === 0) throw new BadArgumentError(`grid ${grid}`, 'no values', 'at least one');
  return values.map((value: unknown) => value ?? Number.POSITIVE_INFINITY).filter((value) => value !== skips);
};
