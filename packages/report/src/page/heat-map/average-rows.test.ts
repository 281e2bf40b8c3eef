import { ndarray, rowsIn } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { averaged } from './average.js';
import { averagedRows } from './average-rows.js';

/** Values less the means of their rows and columns. */
const centred = (values: Float64Array, n: number, m: number): Float64Array => {
  const rows = Array.from(
    { length: n },
    (_, i) => values.slice(i * m, (i + 1) * m).reduce((a, b) => a + b) / m,
  );
  const columns = Array.from(
    { length: m },
    (_, j) => rows.reduce((sum, _, i) => sum + values[i * m + j]!, 0) / n,
  );
  const mean = rows.reduce((a, b) => a + b) / n;
  return values.map((value, k) => value - rows[Math.floor(k / m)]! - columns[k % m]! + mean);
};

it('rows that are read in blocks give the averages of the centred matrix in memory', async () => {
  const labels = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(
      ...([
        labels,
        labels,
        fc.integer({ min: 3, max: 8 }),
        fc.integer({ min: 1, max: 400 }),
        fc.nat(),
      ] as const),
      async (rowGroups, columnGroups, most, blockBytes, seed) => {
        const [n, m] = [rowGroups.length, columnGroups.length];
        const values = Float64Array.from({ length: n * m }, (_, k) => Math.sin((seed % 1000) + 7.3 * k * k));
        const expected = averaged(
          { values: centred(values, n, m), rows: rowGroups, columns: columnGroups },
          most,
        );
        const source = rowsIn(ndarray<'float64'>(values, [n, m]));
        const found = await averagedRows(source, rowGroups, columnGroups, most, blockBytes);
        expect([found.rowGroups, found.columnGroups]).toEqual([expected.rowGroups, expected.columnGroups]);
        // Scores that are equal up to rounding may change places: the members of each part are then others.
        if (
          JSON.stringify([found.rows, found.columns]) !== JSON.stringify([expected.rows, expected.columns])
        ) {
          expect(found.rows.flat().toSorted()).toEqual(expected.rows.flat().toSorted());
          return;
        }
        for (const [k, value] of found.values.entries())
          expect(Math.abs(value - expected.values[k]!)).toBeLessThan(1e-12);
      },
    ),
    { numRuns: 60 },
  );
});

it('of distinct scores, the order is that of the matrix in memory', async () => {
  const [n, m] = [40, 30];
  const values = Float64Array.from({ length: n * m }, (_, k) => Math.sin(1.7 * k * k + k));
  const [rows, columns] = [n, m].map((size) => Array.from({ length: size }, (_, i) => i % 3)) as [
    number[],
    number[],
  ];
  const expected = averaged({ values: centred(values, n, m), rows, columns }, 9);
  const found = await averagedRows(rowsIn(ndarray<'float64'>(values, [n, m])), rows, columns, 9, 500);
  expect(found.rows).toEqual(expected.rows);
  expect(found.columns).toEqual(expected.columns);
});
