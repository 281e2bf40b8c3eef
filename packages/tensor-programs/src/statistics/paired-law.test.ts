import { Mt19937 } from '@ntk-lens/core';
import { expect, it } from 'vitest';
import { fitPairs } from './paired-law.js';

const random = new Mt19937(4);
const noisy = (exponent: number, noise: number) =>
  Array.from({ length: 40 }, () => {
    const x = Math.exp(2 * random.standardNormal());
    return { x, y: 5 * x ** exponent * Math.exp(noise * random.standardNormal()) };
  });

it('finds an exponent exactly, and within its interval under noise', () => {
  const exact = fitPairs(noisy(-0.5, 0));
  expect(exact.slope).toBeCloseTo(-0.5, 12);
  expect(Math.exp(exact.intercept)).toBeCloseTo(5, 10);
  expect([...exact.interval, exact.r2].map((x) => x.toFixed(9))).toEqual([
    '-0.500000000',
    '-0.500000000',
    '1.000000000',
  ]);
  const { interval, r2 } = fitPairs(noisy(1, 0.5));
  expect(interval[0]).toBeLessThan(1);
  expect(interval[1]).toBeGreaterThan(1);
  expect(interval[1] - interval[0]).toBeLessThan(0.4);
  expect(r2).toBeGreaterThan(0.8);
});

it('has no exponent where there is none', () => {
  const { interval, r2 } = fitPairs(noisy(0, 1));
  expect(interval[0]).toBeLessThan(0);
  expect(interval[1]).toBeGreaterThan(0);
  expect(r2).toBeLessThan(0.3);
});

it('refuses too few and what has no logarithm', () => {
  const of = (...xs: number[]) => xs.map((x) => ({ x, y: 1 }));
  expect(() => fitPairs(of(1, 2, 2))).toThrow(/different x/);
  expect(() => fitPairs(of(1, 2, 0))).toThrow(/positive finite/);
  expect(() => fitPairs([...of(1, 2), { x: 3, y: Number.NaN }])).toThrow(/positive finite/);
});
