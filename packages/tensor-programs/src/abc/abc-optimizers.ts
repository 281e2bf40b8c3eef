import { BadArgumentError } from '@ntk-lens/core';
import type { FractionInput } from 'fraction.js';

/** Exponents of the input matrix, of hidden matrices and of the output matrix. */
export type ByPlace = readonly [input: FractionInput, hidden: FractionInput, output: FractionInput];

/** The use that an update makes of a gradient, with the exponents that follow. */
export interface UpdateRule {
  /**
   * p of an update that is proportional to |g|ᵖ: 1 for SGD, 0 where every entry is normalised (Adam, SignGD).
   *
   * The gradient of w_l is n^(−a_l) times what reaches W_l, and the update of W_l is n^(−a_l − c_l) times what the rule
   * makes of it. With what reaches W_l of size n^(−e) the update has exponent (1 + p) a_l + c_l + p e.
   */
  readonly gradientPower: 0 | 1;
  /** c of parametrizations whose a and b are the same for all rules. */
  readonly rates: Readonly<Record<'ntk' | 'mean-field', ByPlace>>;
  /** The maximal update parametrization in the form in which the literature has it. */
  readonly maximalUpdate: Readonly<Record<'a' | 'b' | 'c', ByPlace>>;
}

/** Yang & Hu (2021); all learning rates of μP are one. */
const proportional: UpdateRule = {
  gradientPower: 1,
  rates: { ntk: [0, 0, 0], 'mean-field': [-1, -1, -1] },
  maximalUpdate: { a: ['-1/2', 0, '1/2'], b: ['1/2', '1/2', '1/2'], c: [0, 0, 0] },
};

/** Yang & Littwin (2023); μP as Yang et al. (2022) write it, with a multiplier on the output alone. */
const entrywise: UpdateRule = {
  gradientPower: 0,
  rates: { ntk: ['1/2', 1, '1/2'], 'mean-field': [0, 0, 0] },
  maximalUpdate: { a: [0, 0, 1], b: [0, '1/2', 0], c: [0, 1, 0] },
};

/** Optimizers by name; `adam` stands for all that normalise every entry. */
const rules = { sgd: proportional, adam: entrywise } as const;

/** Optimizers by how they use a gradient: in proportion, or entry by entry without regard to its size. */
export type AbcOptimizer = keyof typeof rules;

/**
 * The use that an optimizer makes of a gradient.
 *
 * @example
 * ```ts
 * updateRule('adam').gradientPower; // 0
 * ```
 * @throws BadArgumentError for an unknown name; it lists the known ones
 */
export const updateRule = (optimizer: AbcOptimizer): UpdateRule => {
  if (!Object.hasOwn(rules, optimizer))
    throw new BadArgumentError('optimizer', optimizer, Object.keys(rules).join(', '));
  return rules[optimizer];
};
