import { BadArgumentError, Mt19937 } from '@ntk-lens/core';
import { expect, it } from 'vitest';
import { bootstrapInterval } from './seed-interval.js';

it('contains the mean, shrinks to it without spread, and needs three values', () => {
  const [low, high] = bootstrapInterval([0.1, 0.5, 0.4, 0.8])!;
  expect(low).toBeLessThan(0.45);
  expect(high).toBeGreaterThan(0.45);
  expect(bootstrapInterval([2, 2, 2])).toEqual([2, 2]);
  expect(bootstrapInterval([1, 2])).toBeUndefined();
  expect(() => bootstrapInterval([1, Number.NaN, 2])).toThrow(BadArgumentError);
});

it('contains the true mean about as often as it says', () => {
  const random = new Mt19937(11);
  let inside = 0;
  for (let trial = 0; trial < 200; trial++) {
    const values = Array.from({ length: 30 }, () => 1 + random.standardNormal());
    const [low, high] = bootstrapInterval(values, { draws: 400, seed: trial })!;
    if (low <= 1 && 1 <= high) inside += 1;
  }
  expect(inside).toBeGreaterThan(175);
  expect(inside).toBeLessThan(200);
});
