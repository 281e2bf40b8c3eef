import fc from 'fast-check';
import { expect, test } from 'vitest';
import { range, shared, total } from './cut.js';

test('shares have every query once, in order, and about equal work with that of the rows among themselves', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 30 }),
      (bytes, count, rows) => {
        const queries = range(rows, rows + bytes.length);
        const all = [...range(0, rows).map(() => 10), ...bytes];
        const shares = shared(queries, all, count, range(0, rows));
        expect(shares.flat()).toEqual(queries);
        expect(shares.length).toBeLessThanOrEqual(count);
        const mean = total(queries, all) / queries.length;
        const weights = all.map((one) => one + mean);
        const ahead = total(range(0, rows), weights) / 2;
        const even = (total(queries, weights) + ahead) / count;
        // The rows alone may take more than a share; the others have the rest then.
        const most = ahead >= even ? total(queries, weights) / Math.max(1, count - 1) : even;
        for (const [i, share] of shares.entries()) {
          expect(share.length > 0 || i === 0).toBe(true);
          expect(total(share, weights)).toBeLessThanOrEqual(most + Math.max(...weights));
        }
      },
    ),
  );
  expect(shared([], [1], 4, [0])).toEqual([[]]);
});
