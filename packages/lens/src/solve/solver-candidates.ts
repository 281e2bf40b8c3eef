import { BadArgumentError } from '@ntk-lens/core';
import { type SolverName, type SolverSpec, solverGrid, solverNames } from '@ntk-lens/solvers';

/** Grids that a run searches. */
export interface SolverGrids {
  /** One or more names, separated by commas, or `auto`: chosen on dev like the other hyperparameters. */
  readonly solver: string;
  readonly ridge: readonly number[];
  /** null: f₀ not used. */
  readonly f0Scales: readonly (number | null)[];
  /** γ of `asym`; its default where absent. */
  readonly gamma?: readonly number[] | undefined;
  /** κ of `asym`; its default where absent. */
  readonly kappa?: readonly number[] | undefined;
  /** Losses of `gradient-flow`; squared where absent. */
  readonly losses?: readonly ('squared' | 'cross-entropy')[] | undefined;
  /** Stopping times of `gradient-flow`, in 1/λ_max; null: its end. 1 to 1000 and its end where absent. */
  readonly times?: readonly (number | null)[] | undefined;
  /** Solve kernels with negative eigenvalues, too. */
  readonly allowIndefinite?: boolean | undefined;
}

/** The grids among the fields of a larger configuration; those that are absent stay so. */
export const gridsOf = (config: SolverGrids): SolverGrids => {
  const { solver, ridge, f0Scales, gamma, kappa, losses, times, allowIndefinite } = config;
  return {
    solver,
    ridge,
    f0Scales,
    ...(gamma && { gamma }),
    ...(kappa && { kappa }),
    ...(losses && { losses }),
    ...(times && { times }),
    ...(allowIndefinite && { allowIndefinite }),
  };
};

/** Decades from one step of gradient descent on, and the end of training. */
const defaultTimes: readonly (number | null)[] = [1, 10, 100, 1000, null];

/** What decides which solvers can take a kernel. */
export interface KernelTraits {
  /** False when the logits of the pre-trained model are not known. */
  readonly hasLogits: boolean;
  /** Two kernels, neither symmetric: those of formulas whose training and query sides differ. */
  readonly asymmetric: boolean;
}

/**
 * Solvers that `auto` chooses from: those whose answers differ and that a grid can afford. Left out are
 * `gaussian-process` (the answers of lstsq) and `logistic` (cross-validates by itself, 51 fits for every ridge).
 */
const automatic = (asymmetric: boolean): readonly SolverName[] =>
  asymmetric ? ['lstsq', 'asym'] : ['lstsq', 'gradient-flow', 'kernel-logistic', 'svr', 'svc'];

const isName = (name: string): name is SolverName => solverNames.some((known) => known === name);

/**
 * The solvers of a list such as `lstsq,svc`, or `auto`.
 *
 * @throws BadArgumentError, which lists the solvers
 */
export const knownSolvers = (list: string): readonly SolverName[] | 'auto' => {
  if (list.trim() === 'auto') return 'auto';
  return [...new Set(list.split(',').map((item) => item.trim()))].map((name) => {
    if (isName(name)) return name;
    throw new BadArgumentError('--solver', name, `auto, or one or more of ${solverNames.join(', ')}`);
  });
};

/** The specifications to choose from on dev: the grids, as far as each solver has such an option. */
export const solverCandidates = (grids: SolverGrids, kernel: KernelTraits): readonly SolverSpec[] => {
  const known = knownSolvers(grids.solver);
  const solvers = known === 'auto' ? automatic(kernel.asymmetric) : known;
  return solvers.flatMap((solver) => candidatesOf(solver, grids, kernel));
};

const candidatesOf = (
  solver: SolverName,
  { ridge, f0Scales, gamma, kappa, losses = ['squared'], times = defaultTimes, allowIndefinite }: SolverGrids,
  { hasLogits }: KernelTraits,
): readonly SolverSpec[] => {
  const f0Scale = (hasLogits ? f0Scales : [null]).map((scale) => scale ?? Number.POSITIVE_INFINITY);
  const checks = allowIndefinite === true ? { allowIndefinite: [true] } : {};
  switch (solver) {
    // Label solvers start from nothing: they have no place for the pre-trained logits.
    case 'svc':
    case 'logistic':
      return solverGrid(solver, { ridge, ...checks });
    case 'gradient-flow':
      return losses.flatMap((loss) => {
        // Cross-entropy on separable data has no end.
        const ends = times.flatMap((time) =>
          time === null ? (loss === 'squared' ? [Number.POSITIVE_INFINITY] : []) : [time],
        );
        return solverGrid(solver, {
          loss: [loss],
          ...(ends.length > 0 && { time: ends }),
          f0Scale,
          ...checks,
        });
      });
    case 'kernel-logistic': {
      // Without a penalty separable data have no minimum.
      const positive = ridge.filter((strength) => strength > 0);
      return solverGrid(solver, { ...(positive.length > 0 && { ridge: positive }), f0Scale, ...checks });
    }
    case 'asym':
      return solverGrid(solver, {
        ridge,
        f0Scale,
        ...(gamma && { gamma }),
        ...(kappa && { kappa }),
        ...checks,
      });
    case 'lstsq':
    case 'svr':
    case 'gaussian-process':
      return solverGrid(solver, { ridge, f0Scale, ...checks });
  }
};
