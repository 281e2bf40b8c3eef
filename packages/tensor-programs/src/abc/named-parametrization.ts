import { BadArgumentError } from '@ntk-lens/core';
import { type AbcAssignment, abcAssignment, type ExponentInput } from './abc-assignment.js';
import { type AbcOptimizer, type ByPlace, updateRule } from './abc-optimizers.js';
import { largestStableRate } from './largest-stable-rate.js';

/** Parametrizations by the names of the literature; see {@link namedParametrization}. */
export const abcNames = ['standard', 'standard-constant-rate', 'ntk', 'mean-field', 'mup'] as const;
export type AbcName = (typeof abcNames)[number];

/** The network and its training. */
export interface NamedParametrizationOptions {
  readonly optimizer: AbcOptimizer;
  /** L: hidden layers, so L + 1 matrices. `mean-field` is defined for one. */
  readonly hiddenLayers: number;
}

/**
 * The (a, b, c) of a parametrization that has a name:
 * - `standard`: no multipliers, variance 1/fan-in, one learning rate for all matrices, the largest that is stable
 *   (order 1/n for SGD). Choose it to see what common initialization becomes when width grows.
 * - `standard-constant-rate`: the same with a learning rate that width does not change: unstable.
 * - `ntk`: variance 1, multipliers 1/√fan-in; the updates of every matrix move f by order 1. Its limit is the NTK.
 * - `mean-field`: one hidden layer, f a mean over neurons, each moving by order 1.
 * - `mup`: the maximal update parametrization; every matrix but the last moves its features by order 1, the last moves
 *   f by order 1. For SGD as Yang & Hu (2021) define it, with one rate; for Adam in the form of Yang et al. (2022), without
 *   multipliers but on the output.
 *
 * @example
 * ```ts
 * const { layers } = namedParametrization('mup', { optimizer: 'adam', hiddenLayers: 2 });
 * layers.map(({ c }) => c.toFraction()); // ['0', '1', '0']
 * ```
 * @throws BadArgumentError for an unknown optimizer, fewer than one hidden layer, or mean-field with more
 */
export const namedParametrization = (name: AbcName, options: NamedParametrizationOptions): AbcAssignment => {
  const { optimizer, hiddenLayers } = options;
  if (!(Number.isInteger(hiddenLayers) && hiddenLayers >= 1))
    throw new BadArgumentError('hiddenLayers', hiddenLayers, 'a positive integer');
  const { rates, maximalUpdate } = updateRule(optimizer);
  const each = ([input, hidden, output]: ByPlace): readonly ExponentInput[] => [
    input,
    ...Array.from({ length: hiddenLayers - 1 }, () => hidden),
    output,
  ];
  switch (name) {
    case 'standard':
      return largestStableRate(namedParametrization('standard-constant-rate', options));
    case 'standard-constant-rate':
      return abcAssignment({ optimizer, a: each([0, 0, 0]), b: each([0, '1/2', '1/2']), c: 0 });
    case 'ntk':
      return abcAssignment({
        optimizer,
        a: each([0, '1/2', '1/2']),
        b: each([0, 0, 0]),
        c: each(rates.ntk),
      });
    case 'mean-field':
      if (hiddenLayers !== 1)
        throw new BadArgumentError('hiddenLayers', hiddenLayers, '1: mean-field is defined for one');
      return abcAssignment({ optimizer, a: [0, 1], b: [0, 0], c: each(rates['mean-field']) });
    case 'mup':
      return abcAssignment({
        optimizer,
        a: each(maximalUpdate.a),
        b: each(maximalUpdate.b),
        c: each(maximalUpdate.c),
      });
  }
};
