import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GradientSet, gradientSet, gradientsOf, longest } from './group-batches.js';
import type { FactorShape } from './matrix-shapes.js';

const batch = fc.record({
  outputs: fc.constant(1),
  n: fc.integer({ min: 1, max: 16 }),
  length: fc.integer({ min: 1, max: 200 }),
});
const batches = fc.array(batch, { minLength: 1, maxLength: 7 });

/** Tokens that are formed, padding included, and 64 for each group. */
const cost = (groups: GradientSet<FactorShape>): number =>
  groups.reduce((sum, group) => sum + gradientsOf(group) * longest(group) + 64, 0);

/** All divisions of a list into runs of neighbours. */
const divisions = <T>(list: readonly T[]): T[][][] => {
  const [first, ...rest] = list;
  if (first === undefined) return [[]];
  if (rest.length === 0) return [[[first]]];
  return divisions(rest).flatMap(([next = [], ...others]) => [
    [[first], next, ...others],
    [[first, ...next], ...others],
  ]);
};

test('sets of signs are the groups of neighbours that cost least', () => {
  fc.assert(
    fc.property(batches, (list) => {
      const found = gradientSet(list, 1);
      expect(found.flat()).toEqual(list);
      const least = Math.min(
        ...divisions(list)
          .filter((groups) => groups.every((group) => group.length === 1 || gradientsOf(group) <= 128))
          .map(cost),
      );
      expect(cost(found)).toBe(least);
    }),
    { numRuns: 60, seed: 5 },
  );
});

test('sets of numbers are padded to one length, or copied next to each other', () => {
  const at = (length: number): FactorShape => ({ outputs: 1, n: 4, length });
  expect(gradientSet([at(10), at(50)], 4)).toEqual([[at(10), at(50)]]);
  expect(gradientSet([at(10), at(90)], 4)).toEqual([[at(10)], [at(90)]]);
});
