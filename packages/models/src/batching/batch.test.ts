import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeBatches } from './batch.js';

const lengths = fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 40 });

test('every example is in one batch, no batch is larger than allowed, and padding is no longer than needed', () => {
  fc.assert(
    fc.property(
      lengths,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 400 }),
      (all, size, tokens) => {
        const batches = makeBatches(all, size, Number.POSITIVE_INFINITY, tokens);
        expect(batches.flatMap(({ indices }) => indices).sort((a, b) => a - b)).toEqual([...all.keys()]);
        for (const { indices, length } of batches) {
          expect(indices.length).toBeLessThanOrEqual(size);
          if (indices.length > 1) expect(indices.length * length).toBeLessThanOrEqual(tokens);
          const longest = Math.max(...indices.map((i) => all[i]!));
          expect(length - longest).toBeGreaterThanOrEqual(0);
          expect(length - longest).toBeLessThanOrEqual(1);
        }
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});

test('padding never goes beyond the longest sequence that the model takes', () => {
  expect(makeBatches([5, 7, 7], 4, 7)).toEqual([{ indices: [0, 1, 2], length: 7 }]);
});

test('a limit on tokens cuts what would be one batch; an example that is longer is alone', () => {
  expect(makeBatches([8, 8, 8, 8], 32).length).toBe(1);
  const cut = makeBatches([8, 8, 8, 8, 50], 32, Number.POSITIVE_INFINITY, 16);
  expect(cut.map(({ indices }) => indices.length).sort()).toEqual([1, 2, 2]);
});
