import { BadArgumentError, type Example } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TooFewExamplesError } from '../errors.js';
import { sampleKShot } from './sample-k-shot.js';

const labels = ['a', 'b', 'c'];
const pool: Example[] = Array.from({ length: 60 }, (_, i) => ({
  texts: [`text ${i}`],
  label: labels[i % 3]!,
}));

it('train and dev are disjoint, balanced, in label order and part of the pool', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 10 }),
      fc.nat(2 ** 32 - 1),
      (shots, devShots, seed) => {
        const { train, dev } = sampleKShot(pool, { shots, devShots, seed, labels });
        const repeated = (n: number) => labels.flatMap((label) => Array<string>(n).fill(label));
        expect(train.map(({ label }) => label)).toEqual(repeated(shots));
        expect(dev.map(({ label }) => label)).toEqual(repeated(devShots));
        expect(new Set([...train, ...dev]).size).toBe(3 * (shots + devShots));
        for (const example of [...train, ...dev]) expect(pool).toContain(example);
      },
    ),
    { numRuns: 50 },
  );
});

it('a seed gives one sample, another seed another, and the pool stays as it was', () => {
  const before = [...pool];
  const draw = (seed: number) => sampleKShot(pool, { shots: 5, seed, labels });
  expect(draw(42)).toEqual(draw(42));
  expect(draw(42)).not.toEqual(draw(13));
  expect(pool).toEqual(before);
  // NumPy: RandomState(42).shuffle(list(range(60))), first multiples of 3.
  expect(
    draw(42)
      .train.slice(0, 5)
      .map(({ texts }) => texts[0]),
  ).toEqual(['text 0', 'text 36', 'text 45', 'text 54', 'text 33']);
});

it('says which label has too few examples', () => {
  expect(() => sampleKShot(pool, { shots: 11, seed: 1, labels })).toThrow(TooFewExamplesError);
  expect(() => sampleKShot(pool, { shots: 11, seed: 1, labels })).toThrow(/"a" has 20 examples.*at least 22/);
  expect(() => sampleKShot(pool, { shots: 1, seed: 1, labels: ['z'] })).toThrow(/"z" has 0 examples/);
  expect(() => sampleKShot(pool, { shots: 0, seed: 1, labels })).toThrow(BadArgumentError);
});
