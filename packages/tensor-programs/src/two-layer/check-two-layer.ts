import { fitPowerLaw, type PowerLaw } from '../statistics/power-law.js';
import type { Finding, Verdict } from '../verdict.js';
import { twoLayerRates, twoLayerRule } from './two-layer-rules.js';
import {
  type TwoLayerEntry,
  type TwoLayerRow,
  type TwoLayerTableOptions,
  twoLayerRows,
  twoLayerTable,
} from './two-layer-table.js';

/** A row of the table as a law: median error ≈ c · nˢ. */
export interface TwoLayerLaw extends TwoLayerRow {
  /** s as the theory has it: −1, or 0 where the error does not fall. */
  readonly expected: -1 | 0;
  readonly law: PowerLaw;
}

/** The result of {@link checkTwoLayer}. */
export interface TwoLayerCheck {
  readonly entries: readonly TwoLayerEntry[];
  readonly laws: readonly TwoLayerLaw[];
  /** One for each row. */
  readonly findings: readonly Finding[];
}

/** An interval that reaches as far from the expected exponent tells it from no neighbour. */
const REACH = 0.5;

/** `SGD, η = 1`. */
export const twoLayerRowName = ({ rule, rate }: TwoLayerRow): string =>
  `${twoLayerRule(rule).title}, η = ${twoLayerRates[rate].title}`;

const DEFINITION =
  'Δf = −ηχK + O((ηχ)²) for SGD, so that χ → 0 is enough; the step of SignGD does not shrink with χ, so that η has to fall with width (docs/theory.md, Two layers)';

const verdictOf = ([low, high]: readonly [number, number], expected: number): Verdict => {
  if (low > expected || high < expected) return 'fails';
  return low > expected - REACH && high < expected + REACH ? 'holds' : 'cannot tell';
};

const findingOf = ({ expected, law, ...row }: TwoLayerLaw): Finding => {
  const shown = expected === 0 ? '0' : '−1';
  return {
    condition: 'two layers',
    subject: twoLayerRowName(row),
    verdict: verdictOf(law.interval, expected),
    measure: 'exponent of width of the median of |Δf − ⟨∇f, Δθ⟩| / |Δf|, over networks, at χ = n^(−1/2)',
    statistic: law.slope,
    interval: law.interval,
    threshold: `${shown} in the interval, ${shown} ± ${REACH} outside`,
    definition: DEFINITION,
    note: expected === 0 ? 'the leading term of the error has a limit above 0' : undefined,
  };
};

/**
 * Is one step of fine-tuning linear in the limit of width? For a two-layer network the answer can be derived,
 * with χ = n^(−1/2). The linearization error of SGD with η = 1 falls as 1/n, that of SignGD with η = 1 does
 * not fall, and that of SignGD with η = n^(−1/2) falls as 1/n. This takes the medians of {@link
 * twoLayerTable}, fits log error against log width with a bootstrap interval over networks, and compares
 * exponents. A row holds if the interval contains the derived exponent and no other that is 1/2 away, and
 * fails if it does not contain it. It takes seconds, without a model.
 *
 * @example
 * ```ts
 * checkTwoLayer().findings.map(({ subject, verdict }) => `${subject}: ${verdict}`);
 * // ['SGD, η = 1: holds', 'SignGD, η = 1: holds', 'SignGD, η = n^(−1/2): holds']
 * ```
 * @throws BadArgumentError for fewer than three widths, or for a width or a number of draws that is not a
 * positive integer
 */
export const checkTwoLayer = (options: TwoLayerTableOptions = {}): TwoLayerCheck => {
  const entries = twoLayerTable(options);
  const laws = twoLayerRows.map((row): TwoLayerLaw => {
    const own = entries.filter(({ rule, rate }) => rule === row.rule && rate === row.rate);
    const samples = own.map(({ width, errors }) => ({ width, values: errors }));
    return { ...row, law: fitPowerLaw(samples, { centre: 'median' }) };
  });
  return { entries, laws, findings: laws.map(findingOf) };
};
