import { BadArgumentError, ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linearizationError } from './linearization-error.js';

const column = (values: readonly number[]) =>
  ndarray<'float64'>(Float64Array.from(values), [values.length, 1]);

it('is zero for a perfect prediction, one for none, and |1 − s| for one that is off by a factor s', () => {
  const value = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 8 }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      (pairs, s) => {
        fc.pre(pairs.some(([, change]) => change !== 0));
        const start = column(pairs.map(([f]) => f));
        const end = column(pairs.map(([f, change]) => f + change));
        const predicted = (by: number) =>
          linearizationError({ start, end, derivative: column(pairs.map(([, change]) => by * change)) });
        expect(predicted(1).relative).toBe(0);
        expect(predicted(0).relative).toBe(1);
        expect(predicted(s).relative).toBeCloseTo(Math.abs(1 - s), 9);
      },
    ),
  );
});

it('has R² 1 for a perfect prediction and 0 for the mean of the change', () => {
  const [start, end] = [column([0, 0, 0]), column([1, 2, 6])];
  expect(linearizationError({ start, end, derivative: end }).r2).toBe(1);
  expect(linearizationError({ start, end, derivative: column([3, 3, 3]) }).r2).toBeCloseTo(0, 12);
});

it('is undefined where nothing changed, and refuses arrays of other shapes', () => {
  const same = column([1, 2]);
  expect(linearizationError({ start: same, end: same, derivative: column([0, 0]) })).toEqual({
    relative: undefined,
    r2: undefined,
  });
  expect(() => linearizationError({ start: same, end: column([1]), derivative: same })).toThrow(
    BadArgumentError,
  );
});
