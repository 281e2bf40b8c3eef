import { quantile } from '../statistics/quantile.js';
import { stepNetwork, type TwoLayerStepOptions, twoLayerNetwork } from './two-layer-step.js';

/** One number of the table of PAPER §2, over seeds. */
export interface TwoLayerEntry {
  readonly rule: TwoLayerStepOptions['rule'];
  /** η at width n. */
  readonly rate: '1' | 'n^(-1/2)';
  /** n. */
  readonly width: number;
  /** Relative linearization error, mean over seeds. */
  readonly mean: number;
  /** Its 5th and 95th percentile over seeds. */
  readonly range: readonly [number, number];
  /** What the table says. */
  readonly published: number;
  /** Part of the seeds whose error is not above what the table says. */
  readonly place: number;
}

/** The table of PAPER §2; χ = n^(−1/2). */
const published: readonly (Pick<TwoLayerEntry, 'rule' | 'rate'> & {
  readonly errors: Readonly<Record<number, number>>;
})[] = [
  { rule: 'sgd', rate: '1', errors: { 64: 0.0223, 1024: 0.0018, 16384: 0.0001 } },
  { rule: 'signgd', rate: '1', errors: { 64: 1.15, 1024: 0.6, 16384: 0.44 } },
  { rule: 'signgd', rate: 'n^(-1/2)', errors: { 64: 0.0228, 1024: 0.0011, 16384: 0.0001 } },
];
const widths = [64, 1024, 16384];
const input = [1, 1, 1, 1, 1];

/**
 * The linearization errors of PAPER §2, for SGD with η = 1 and SignGD with η = 1 and η = n^(−1/2), at χ = n^(−1/2), over
 * seeds: {@link twoLayerStep} with ξ = (1, 1, 1, 1, 1). Single seeds differ by more than a factor of ten where the leading term of
 * the error is an average of independent neurons, so each entry has its range beside its mean, and the place of the
 * published number among the seeds.
 *
 * @example
 * ```ts
 * for (const { rule, rate, width, mean, range, published } of twoLayerTable([0, 1, 2, 3, 4])) console.log(rule, rate, width, mean, range, published);
 * ```
 * @returns nine entries, by rule and rate, then width
 */
export const twoLayerTable = (seeds: readonly number[]): readonly TwoLayerEntry[] => {
  const errors = published.map(() => widths.map((): number[] => []));
  for (const [j, width] of widths.entries()) {
    for (const seed of seeds) {
      const network = twoLayerNetwork({ width, seed, input });
      for (const [i, { rule, rate }] of published.entries()) {
        const chi = width ** -0.5;
        const step = stepNetwork(network, { rule, rate: rate === '1' ? 1 : chi, chi, input });
        errors[i]![j]!.push(step.error);
      }
    }
  }
  return published.flatMap(({ rule, rate, errors: known }, i) =>
    widths.map((width, j) => {
      const sorted = errors[i]![j]!.sort((a, b) => a - b);
      const value = known[width]!;
      return {
        rule,
        rate,
        width,
        mean: sorted.reduce((sum, error) => sum + error, 0) / sorted.length,
        range: [quantile(sorted, 0.05), quantile(sorted, 0.95)],
        published: value,
        place: sorted.filter((error) => error <= value).length / sorted.length,
      };
    }),
  );
};
