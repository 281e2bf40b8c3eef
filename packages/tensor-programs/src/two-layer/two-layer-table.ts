import { BadArgumentError } from '@ntk-lens/core';
import { median, medianInterval } from '../statistics/median.js';
import {
  type TwoLayerRate,
  type TwoLayerRuleName,
  twoLayerRates,
  twoLayerRule,
  twoLayerRules,
} from './two-layer-rules.js';
import { stepNetwork, twoLayerNetwork } from './two-layer-step.js';

/** An optimizer with its learning rate: a row of the table. */
export interface TwoLayerRow {
  readonly rule: TwoLayerRuleName;
  readonly rate: TwoLayerRate;
}

/** Linearization errors of one optimizer at one width. */
export interface TwoLayerEntry extends TwoLayerRow {
  /** n. */
  readonly width: number;
  /** Relative linearization error |Δf − ⟨∇f, Δθ⟩| / |Δf| of every network that was drawn. */
  readonly errors: readonly number[];
  /** Their median. */
  readonly median: number;
  /** 95 % interval of the median, by order statistics; absent for fewer than six networks. */
  readonly interval?: readonly [number, number];
}

export interface TwoLayerTableOptions {
  /** Networks drawn at each width; every row takes a step of the same ones. Default: 30. */
  readonly draws?: number;
  /** Seed of the first network; those after it have the seeds after it. Default: 0. */
  readonly seed?: number;
  /** Default: 64, 1024 and 16384. */
  readonly widths?: readonly number[];
}

/** A row with the derived exponent of its error. */
interface DerivedRow extends TwoLayerRow {
  readonly expected: -1 | 0;
}

/** Every rule with each of its learning rates. */
export const twoLayerRows: readonly DerivedRow[] = (Object.keys(twoLayerRules) as TwoLayerRuleName[]).flatMap(
  (rule) => twoLayerRule(rule).laws.map(({ rate, exponent }) => ({ rule, rate, expected: exponent })),
);

const input = [1, 1, 1, 1, 1];

/**
 * Relative linearization errors of one step of two-layer networks, with χ = n^(−1/2) and ξ = (1, 1, 1, 1, 1).
 * The steps are {@link twoLayerStep} for SGD with η = 1 and SignGD with η = 1 and η = n^(−1/2), over random
 * networks at each width (docs/theory.md, *Two layers*). If the leading term of the error is an average of
 * independent neurons with mean zero, single networks differ by more than a factor of ten. So an entry is the
 * median of its networks, with an interval.
 *
 * @example
 * ```ts
 * for (const { rule, rate, width, median, interval } of twoLayerTable()) console.log(rule, rate, width, median, interval);
 * ```
 * @returns an entry for each row and width, by row, then width
 * @throws BadArgumentError for a width or a number of draws that is no positive integer
 */
export const twoLayerTable = ({
  draws = 30,
  seed = 0,
  widths = [64, 1024, 16384],
}: TwoLayerTableOptions = {}): readonly TwoLayerEntry[] => {
  if (!(Number.isInteger(draws) && draws >= 1))
    throw new BadArgumentError('draws', draws, 'a positive integer');
  const errors = twoLayerRows.map(() => widths.map((): number[] => []));
  for (const [j, width] of widths.entries()) {
    for (let draw = 0; draw < draws; draw++) {
      const network = twoLayerNetwork({ width, seed: seed + j * draws + draw, input });
      const chi = width ** -0.5;
      for (const [i, { rule, rate }] of twoLayerRows.entries())
        errors[i]![j]!.push(
          stepNetwork(network, { rule, rate: twoLayerRates[rate].at(width), chi, input }).error,
        );
    }
  }
  return twoLayerRows.flatMap(({ rule, rate }, i) =>
    widths.map((width, j) => {
      const own = errors[i]![j]!;
      const interval = medianInterval(own);
      return { rule, rate, width, errors: own, median: median(own), interval };
    }),
  );
};
