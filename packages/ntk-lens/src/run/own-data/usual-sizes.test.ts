import fc from 'fast-check';
import { expect, it } from 'vitest';
import { usualSizes } from './usual-sizes.js';

it('leave every label enough examples to train and to choose on, and some to test on', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 3, max: 500 }), { minLength: 2, maxLength: 40 }), (counts) => {
      const { shots, test } = usualSizes(counts);
      const rows = counts.reduce((sum, count) => sum + count, 0);
      expect(shots).toBeGreaterThanOrEqual(1);
      expect(shots).toBeLessThanOrEqual(16);
      expect(2 * shots).toBeLessThanOrEqual(Math.min(...counts));
      expect(rows - 2 * shots * counts.length).toBeGreaterThan(0);
      expect(test).toBeGreaterThanOrEqual(100);
    }),
  );
});

it('are those of the protocol where the file allows it, with up to four labels', () => {
  expect(usualSizes([40, 33])).toEqual({ shots: 16, test: 200 });
  expect(usualSizes([500, 500, 500, 500])).toEqual({ shots: 16, test: 200 });
  expect(usualSizes([27, 33])).toEqual({ shots: 9, test: 200 });
  expect(usualSizes(Array.from({ length: 8 }, () => 500))).toEqual({ shots: 8, test: 100 });
});
