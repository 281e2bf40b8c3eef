import { BadArgumentError } from '@ntk-lens/core';
import { Fraction, type FractionInput } from 'fraction.js';
import { type AbcOptimizer, updateRule } from './abc-optimizers.js';

/** Exponents of one weight matrix, exact. */
export interface AbcLayer {
  readonly a: Fraction;
  readonly b: Fraction;
  readonly c: Fraction;
}

/**
 * Parametrization of a multilayer perceptron as its width n grows. The weights in use are W_l = n^(−a_l) w_l.
 * The trained parameters w_l start as N(0, n^(−2 b_l)) and have learning rate η n^(−c_l). (Yang & Hu 2021
 * have one c for all layers; Yang & Littwin 2023, for entrywise optimizers, have one for each.)
 *
 * `layers` are the L + 1 matrices from the input on: n × d, then L − 1 of n × n, then 1 × n.
 */
export interface AbcAssignment {
  readonly optimizer: AbcOptimizer;
  readonly layers: readonly AbcLayer[];
}

/** An exponent as people write it: `1`, `'1/2'`, `0.5`. */
export type ExponentInput = FractionInput;

/** One exponent for all layers, or one for each. */
export type ExponentList = ExponentInput | readonly ExponentInput[];

/** Options of {@link abcAssignment}. */
export interface AbcOptions {
  readonly optimizer: AbcOptimizer;
  /** One for each of the L + 1 matrices. */
  readonly a: readonly ExponentInput[];
  /** One for each of the L + 1 matrices. */
  readonly b: readonly ExponentInput[];
  readonly c: ExponentList;
}

/**
 * An exact fraction from what people write.
 *
 * @throws BadArgumentError for what is not a number
 */
export const exponent = (name: string, value: ExponentInput): Fraction => {
  try {
    return new Fraction(value);
  } catch {
    throw new BadArgumentError(name, value, 'an exponent such as 1, 0.5 or "1/2"');
  }
};

/**
 * An (a, b, c) assignment with exact exponents.
 *
 * @example
 * ```ts
 * // Two hidden layers, standard parametrization, learning rate η / n.
 * const standard = abcAssignment({ optimizer: 'sgd', a: [0, 0, 0], b: [0, '1/2', '1/2'], c: 1 });
 * ```
 * @throws BadArgumentError for an unknown optimizer, lists of different lengths, fewer than two layers, or what is not a
 *   number
 */
export const abcAssignment = ({ optimizer, a, b, c }: AbcOptions): AbcAssignment => {
  updateRule(optimizer);
  const count = a.length;
  if (count < 2) throw new BadArgumentError('a', `${count} layers`, 'two or more: input and output weights');
  const rates: readonly ExponentInput[] = Array.isArray(c) ? c : a.map(() => c as ExponentInput);
  for (const [name, list] of [['b', b] as const, ['c', rates] as const]) {
    if (list.length !== count)
      throw new BadArgumentError(name, `${list.length} exponents`, `${count}, as many as a`);
  }
  return {
    optimizer,
    layers: a.map((value, l) => ({
      a: exponent(`a_${l + 1}`, value),
      b: exponent(`b_${l + 1}`, b[l]!),
      c: exponent(`c_${l + 1}`, rates[l]!),
    })),
  };
};
