import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wilsonInterval } from './wilson-interval.js';

it('agrees with statsmodels 0.15, proportion_confint(method="wilson")', () => {
  const reference = [
    [141, 200, 0.638412854753812, 0.763860561431508],
    [100, 200, 0.431360859603892, 0.568639140396108],
    [0, 16, 0, 0.193607680534437],
    [16, 16, 0.806392319465563, 1],
    [1, 3, 0.061491944720396, 0.792340399197952],
    [870, 872, 0.991676149947638, 0.999370792690528],
  ] as const;
  for (const [right, n, low, high] of reference) {
    const [from, to] = wilsonInterval(right / n, n);
    expect(from).toBeCloseTo(low, 12);
    expect(to).toBeCloseTo(high, 12);
  }
});

it('both ends are the accuracies that are 1.96 of their own standard errors away', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5000 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (n, p) => {
        for (const end of wilsonInterval(p, n)) {
          expect(Math.abs(p - end) / Math.sqrt((end * (1 - end)) / n)).toBeCloseTo(1.959963984540054, 6);
        }
      },
    ),
  );
});

it('covers 95 % of binomial draws, on average over true accuracies, at 20 to 200 examples', () => {
  for (const n of [20, 200]) {
    const coverages = Array.from({ length: 97 }, (_, i) => coverage((i + 2) / 100, n));
    const average = coverages.reduce((sum, c) => sum + c / coverages.length, 0);
    expect(Math.abs(average - 0.95)).toBeLessThan(0.01);
  }
});

/** Probability that the interval of a draw of n examples holds the true accuracy. */
const coverage = (p: number, n: number): number => {
  let total = 0;
  let chance = (1 - p) ** n;
  for (let right = 0; right <= n; right++) {
    const [low, high] = wilsonInterval(right / n, n);
    if (low <= p && p <= high) total += chance;
    chance *= ((n - right) / (right + 1)) * (p / (1 - p));
  }
  return total;
};

it('refuses what is no accuracy', () => {
  expect(() => wilsonInterval(70.5, 200)).toThrow(/from 0 to 1/);
  expect(() => wilsonInterval(0.5, 0)).toThrow(/at least one/);
  expect(() => wilsonInterval(Number.NaN, 5)).toThrow(/from 0 to 1/);
});
