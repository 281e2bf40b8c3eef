import { BadArgumentError } from '@ntk-lens/core';
import type { SolverGrids } from './grids.js';

/** One option of a solver: its default, the values that it takes, and what a selection makes of it. */
export interface SolverOption<T = unknown> {
  readonly default: T;
  /** The values that it takes. Without them it takes finite numbers in a range, or a list of such where the default is one. */
  readonly oneOf?: readonly T[];
  /** The smallest number. */
  readonly from?: number;
  /** All numbers are above this one. */
  readonly above?: number;
  /** The largest number. */
  readonly to?: number;
  /** It takes Infinity, too. */
  readonly infinite?: boolean;
  /** The field of a selection's grids that holds values to try. */
  readonly grid?: keyof SolverGrids;
  /** Values to try where that field is absent. */
  readonly tries?: readonly T[];
  /** A value of that field that other solvers take and this one leaves out. */
  readonly skips?: T;
  /** Smaller for simpler values: it breaks ties on dev. */
  readonly complexity?: (value: number) => number;
}

/** Options by name. */
export type OptionTable<O> = { readonly [K in keyof O]-?: SolverOption<NonNullable<O[K]>> };

const inRange = (value: unknown, { from, above, to, infinite }: SolverOption): boolean =>
  typeof value === 'number' &&
  (Number.isFinite(value) || (infinite === true && value === Number.POSITIVE_INFINITY)) &&
  (from === undefined || value >= from) &&
  (above === undefined || value > above) &&
  (to === undefined || value <= to);

/** Whether an option takes a value; of a list it must take every member. */
const takes = (option: SolverOption, value: unknown): boolean => {
  if (option.oneOf) return option.oneOf.includes(value);
  if (!Array.isArray(option.default)) return inRange(value, option);
  return Array.isArray(value) && value.length > 0 && value.every((item) => inRange(item, option));
};

const expected = ({ oneOf, default: standard, from, above, to }: SolverOption): string => {
  if (oneOf) return oneOf.join(' or ');
  const lower = above === undefined ? (from === undefined ? '' : ` of at least ${from}`) : ` above ${above}`;
  const upper = to === undefined ? '' : ` and at most ${to}`;
  return Array.isArray(standard) ? `numbers${lower}${upper}, at least one` : `a number${lower}${upper}`;
};

/**
 * Options with the defaults of those that are absent or undefined.
 *
 * @throws BadArgumentError for a value out of range
 */
export const checkedSettings = <O extends object>(table: OptionTable<O>, given: O): Required<O> => {
  const settings: Record<string, unknown> = {};
  for (const [name, option] of Object.entries<SolverOption>(table)) {
    const value = given[name as keyof O] ?? option.default;
    if (!takes(option, value)) throw new BadArgumentError(name, value, expected(option));
    settings[name] = value;
  }
  return settings as Required<O>;
};

/** Options of solvers that can start from the logits of the pre-trained model. */
export interface F0Options {
  /**
   * With a finite value s the solver fits targets − f₀/s and predicts + f₀/s, where f₀ are the logits of the
   * pre-trained model. Infinity leaves it out. *When to choose:* s near the size of the logits trusts the
   * model's own answers; Infinity ignores them. Default Infinity.
   */
  readonly f0Scale?: number;
}

/** Options of solvers with a ridge. */
export interface RidgeOptions {
  /**
   * Ridge strength λ relative to the largest singular value σ of the train kernel: λσ is added to its diagonal.
   * *When to choose:* 0 interpolates (kernel gradient descent run to its end); .001 to .1 when labels are noisy or
   * the kernel is ill-conditioned; 1 hardly more than a kernel-weighted vote. Default 0.
   */
  readonly ridge?: number;
}

export const f0Scale: SolverOption<number> = {
  default: Number.POSITIVE_INFINITY,
  above: 0,
  infinite: true,
  grid: 'f0Scales',
  complexity: (scale) => -scale,
};

export const ridge: SolverOption<number> = { default: 0, from: 0, grid: 'ridge', complexity: (r) => -r };

/** The bound C of support vectors. */
export const penaltyC: SolverOption<number> = { default: 1, above: 0, complexity: (c) => c };

/** When iterations stop. */
export const tolerance: SolverOption<number> = { default: 1e-3, above: 0 };
