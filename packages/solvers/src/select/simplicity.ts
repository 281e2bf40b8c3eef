import type { SolverOption } from '../definition/options.js';
import { type CandidateSpec, solverOf } from '../solvers/index.js';

/**
 * Order by simplicity, simpler first; it breaks ties in {@link selectOnDev}. The order has four keys. The
 * solver comes first, as listed in {@link solverNames}. Then f₀ unused comes before used, and a larger scale
 * (less of it) first. More regularization comes first (larger ridge, smaller γ, smaller C, earlier stopping
 * time). Last, κ nearer to ½ comes first, then smaller.
 *
 * @returns negative when `a` is simpler, positive when `b` is, 0 when they are alike
 */
export const compareSimplicity = (a: CandidateSpec, b: CandidateSpec): number => {
  const [left, right] = [solverOf(a.solver), solverOf(b.solver)];
  if (left !== right) return left.complexity - right.complexity;
  const { f0Scale, ...others } = left.options as Readonly<Record<string, SolverOption>>;
  for (const [name, option] of Object.entries({ f0Scale, ...others })) {
    if (!option?.complexity) continue;
    const settingOf = (spec: object) => ((spec as Record<string, unknown>)[name] ?? option.default) as number;
    const [x, y] = [settingOf(a), settingOf(b)];
    const order = option.complexity(x) - option.complexity(y) || x - y;
    // Infinity less Infinity is no number: they are alike.
    if (order !== 0 && !Number.isNaN(order)) return order;
  }
  return 0;
};
