import { expect, test } from 'vitest';
import { meanAndSd } from './mean-and-sd.js';

test('mean and standard deviation with ddof 0', () => {
  expect(meanAndSd([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, sd: 2 });
  expect(meanAndSd([3])).toEqual({ mean: 3, sd: 0 });
  expect(() => meanAndSd([])).toThrow(/at least one/);
});

test('equal values have no deviation, however they are rounded', () => {
  // Their sum of five is not five times the value.
  for (const value of [0.813, 0.405, 0.1, 0.7])
    expect(meanAndSd(Array(5).fill(value))).toEqual({ mean: value, sd: 0 });
});
