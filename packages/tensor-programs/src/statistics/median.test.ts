import { BadArgumentError, Mt19937 } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { median, medianInterval } from './median.js';

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('the interval of a median', () => {
  it('has the ranks of the tables of the sign test', () => {
    // Two-sided 95 %: n and the lower rank.
    for (const [n, k] of [
      [6, 1],
      [8, 1],
      [9, 2],
      [12, 3],
      [20, 6],
      [30, 10],
      [50, 18],
    ] as const)
      expect(medianInterval(upTo(n).reverse()), `n = ${n}`).toEqual([k, n + 1 - k]);
    expect(medianInterval(upTo(5))).toBeUndefined();
    expect(medianInterval([])).toBeUndefined();
    expect(medianInterval(upTo(5), 0.9)).toEqual([1, 5]);
  });

  it('contains the median of a skewed distribution at least as often as it says', () => {
    const random = new Mt19937(5);
    let inside = 0;
    for (let trial = 0; trial < 400; trial++) {
      const [low, high] = medianInterval(upTo(30).map(() => Math.exp(2 * random.standardNormal())))!;
      if (low <= 1 && 1 <= high) inside += 1;
    }
    expect(inside).toBeGreaterThan(0.93 * 400);
    expect(inside).toBeLessThan(400);
  });

  it('refuses numbers that are none', () => {
    expect(() => medianInterval([1, Number.NaN, 2, 3, 4, 5])).toThrow(BadArgumentError);
    expect(() => medianInterval(upTo(9), 1)).toThrow(/confidence/);
    expect(() => median([])).toThrow(BadArgumentError);
  });
});

it('the median is the middle, or the mean of the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
});
