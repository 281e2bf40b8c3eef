import { type SolverSpec, solverNames } from './create-solver.js';

const numberOf = (spec: SolverSpec, key: string, otherwise: number): number => {
  const value = (spec as unknown as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'number' ? value : otherwise;
};

const defaults: Readonly<Record<string, number>> = { gamma: 1, penaltyC: 1 };

/** Without a time, gradient flow runs to its default end. */
const timeOf = (spec: SolverSpec): number =>
  spec.solver === 'gradient-flow' ? numberOf(spec, 'time', Number.POSITIVE_INFINITY) : 0;

const ridgeOf = (spec: SolverSpec): number =>
  numberOf(spec, 'ridge', spec.solver === 'kernel-logistic' ? 0.01 : 0);

const keys = (spec: SolverSpec): number[] => {
  const f0Scale = numberOf(spec, 'f0Scale', Number.POSITIVE_INFINITY);
  return [
    solverNames.indexOf(spec.solver),
    Number.isFinite(f0Scale) ? 1 : 0,
    -f0Scale,
    -ridgeOf(spec),
    numberOf(spec, 'gamma', defaults['gamma']!),
    numberOf(spec, 'penaltyC', defaults['penaltyC']!),
    timeOf(spec),
    Math.abs(numberOf(spec, 'kappa', 0.5) - 0.5),
    numberOf(spec, 'kappa', 0.5),
  ];
};

/**
 * Order by simplicity, simpler first; it breaks ties in {@link selectOnDev}. In this order: solver as listed in
 * {@link solverNames}; f₀ unused before used, and a larger scale (less of it) first; more regularization first
 * (larger ridge, smaller γ, smaller C, earlier stopping time); κ nearer to ½, then smaller.
 *
 * @returns negative when `a` is simpler, positive when `b` is, 0 when they are alike
 */
export const compareSimplicity = (a: SolverSpec, b: SolverSpec): number => {
  const right = keys(b);
  for (const [i, value] of keys(a).entries()) {
    if (value < right[i]!) return -1;
    if (value > right[i]!) return 1;
  }
  return 0;
};
