import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bothSides, mapSides, mapSidesInOrder, pairCount, pairs } from './pairs.js';

const sides = fc.record({
  rows: fc.nat(7).map((n) => Array.from({ length: n }, (_, i) => `row ${i}`)),
  columns: fc.nat(7).map((n) => Array.from({ length: n }, (_, i) => `column ${i}`)),
});
const wanted = fc.record({ self: fc.boolean(), symmetric: fc.boolean() });

test('every pair of batches meets exactly once, mirror images counted', () => {
  fc.assert(
    fc.property(sides, wanted, ({ rows, columns }, want) => {
      const met: string[] = [];
      for (const { x, y, target, mirror } of pairs({ rows, columns }, want)) {
        met.push(`${target}: ${x}, ${y}`);
        if (mirror) met.push(`${target}: ${y}, ${x}`);
      }
      const expected = [
        ...rows.flatMap((x) => columns.map((y) => `cross: ${x}, ${y}`)),
        ...(want.self ? rows.flatMap((x) => rows.map((y) => `self: ${x}, ${y}`)) : []),
      ];
      expect(met.sort()).toEqual(expected.sort());
    }),
  );
});

test('pairs are counted without making them', () => {
  fc.assert(
    fc.property(sides, wanted, ({ rows, columns }, want) => {
      const count = pairCount({ rows: rows.length, columns: columns.length }, want);
      expect(count).toBe([...pairs({ rows, columns }, want)].length);
    }),
  );
});

test('only products of rows with other rows are mirrored, and only in symmetric kernels', () => {
  fc.assert(
    fc.property(sides, wanted, (all, want) => {
      for (const { x, y, target, mirror } of pairs(all, want))
        expect(mirror).toBe(target === 'self' && want.symmetric && x !== y);
    }),
  );
});

test('a column is done before the next, and all columns before the rows meet each other', () => {
  fc.assert(
    fc.property(sides, wanted, (all, want) => {
      const found = [...pairs(all, want)];
      const columns = found.filter(({ target }) => target === 'cross').map(({ y }) => y);
      expect(columns).toEqual(all.columns.flatMap((y) => all.rows.map(() => y)));
      expect(found.slice(0, columns.length).every(({ target }) => target === 'cross')).toBe(true);
    }),
  );
});

test('maps keep the sides apart, in order', async () => {
  await fc.assert(
    fc.asyncProperty(sides, async (all) => {
      const named = mapSides(all, (item, side, i) => [item, side, i]);
      expect(named.rows).toEqual(all.rows.map((item, i) => [item, 'rows', i]));
      expect(named.columns).toEqual(all.columns.map((item, i) => [item, 'columns', i]));
      const seen: string[] = [];
      const lengths = await mapSidesInOrder(all, async (item) => {
        await Promise.resolve();
        seen.push(item);
        return item.length;
      });
      expect(seen).toEqual(bothSides(all));
      expect(lengths).toEqual(mapSides(all, (item) => item.length));
    }),
  );
});
