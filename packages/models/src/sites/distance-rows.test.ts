import { expect, test } from 'vitest';
import { type DistanceRows, distancesOf, rowOfDistance } from './distance-rows.js';

/** Distances at which a new row begins, on one side. */
const begins = (rows: DistanceRows, sign: number): number[] =>
  Array.from({ length: 4_096 }, (_, i) => i + 1).filter(
    (away) => rowOfDistance(sign * away, rows) !== rowOfDistance(sign * (away - 1), rows),
  );

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test.each<[span: number, maxDistance: number, exact: number, ranges: readonly number[]]>([
  [8, 40, 4, [5, 9, 19]],
  [5, 40, 2, [3, 40]],
  [2, 6, 1, []],
  [32, 128, 16, [17, 19, 22, 25, 28, 32, 37, 43, 49, 56, 64, 74, 84, 97, 111]],
])('of %i rows up to %i, ranges begin where transformers begins them', (span, maxDistance, exact, ranges) => {
  const rows = { span, maxDistance };
  expect(begins(rows, 1)).toEqual([...upTo(exact), ...ranges]);
  // The row of the farthest distance is there on one side alone.
  expect(begins(rows, -1).slice(0, exact + ranges.length)).toEqual(begins(rows, 1));
});

test('the ranges of DeBERTa-v3 end where those of transformers end', () => {
  const rows = { span: 256, maxDistance: 512 };
  expect(begins(rows, 1)).toHaveLength(255);
  expect(begins(rows, 1).slice(-6)).toEqual([479, 484, 490, 495, 500, 506]);
  expect(begins(rows, -1).slice(-6)).toEqual([484, 490, 495, 500, 506, 512]);
  expect([0, 4_096, -4_096].map((distance) => rowOfDistance(distance, rows))).toEqual([256, 511, 0]);
});

test('without ranges, every distance has a row up to the span', () => {
  const rows = { span: 6 };
  expect([-9, -6, -5, 0, 5, 6, 9].map((distance) => rowOfDistance(distance, rows))).toEqual([
    ...[0, 0, 1, 6, 11, 11, 11],
  ]);
});

test('distances fall, and are twice as many as tokens', () => {
  expect(distancesOf(3)).toEqual([2, 1, 0, -1, -2, -3]);
  expect(distancesOf(1)).toEqual([0, -1]);
});
