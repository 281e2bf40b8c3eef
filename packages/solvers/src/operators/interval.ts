/** An estimate with its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Quantile 0.975 of Student's distribution, by its expansion around the normal one (Abramowitz & Stegun 26.7.5). */
const quantile = (freedom: number): number => {
  const z = 1.959963984540054;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduce((sum, term, k) => sum + term / freedom ** k, 0);
};

export const meanOf = (x: readonly number[]): number => x.reduce((sum, value) => sum + value / x.length, 0);

/** A monotone function of a mean, with the interval that the spread of the samples gives it. */
export const intervalOf = (samples: readonly number[], of: (mean: number) => number): Interval => {
  const mean = meanOf(samples);
  const variance = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (samples.length - 1);
  const half = quantile(samples.length - 1) * Math.sqrt(variance / samples.length);
  return { value: of(mean), low: of(mean - half), high: of(mean + half) };
};
