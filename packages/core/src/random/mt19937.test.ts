import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadArgumentError } from '../errors.js';
import { Mt19937 } from './mt19937.js';

interface Golden {
  cases: {
    seed: number | number[];
    uint32First: number[];
    uint32At1299: number;
    randomSample: number[];
    randint: number[];
    randintFull: number[];
    standardNormal: number[];
    shuffledLetters: string;
    permutation: number[];
    choice: number[];
    mixed: [number, number, number, number, number[], number];
  }[];
  pandasSample: { rows: number; n: number; randomState: number; index: number[] };
}
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/mt19937.json', import.meta.url), 'utf8'),
) as Golden;

const repeat = <T>(n: number, draw: () => T): T[] => Array.from({ length: n }, draw);

// Math.log of V8 and of glibc may differ in the last place.
const expectNormals = (found: number[], expected: number[]): void => {
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 14);
};

describe.each(golden.cases)('Mt19937 equals numpy.random.RandomState($seed)', (wanted) => {
  const fresh = () => new Mt19937(wanted.seed);
  it('in its words', () => {
    const words = repeat(
      1300,
      (
        (random) => () =>
          random.uint32()
      )(fresh()),
    );
    expect(words.slice(0, 8)).toEqual(wanted.uint32First);
    expect(words[1299]).toBe(wanted.uint32At1299);
  });
  it('in random_sample', () => {
    const random = fresh();
    expect(repeat(6, () => random.randomSample())).toEqual(wanted.randomSample);
  });
  it('in randint', () => {
    const random = fresh();
    expect(repeat(12, () => random.randint(-5, 1000))).toEqual(wanted.randint);
    const full = fresh();
    expect(repeat(3, () => full.randint(0, 2 ** 32 - 1))).toEqual(wanted.randintFull);
  });
  it('in standard_normal', () => {
    const random = fresh();
    expectNormals(
      repeat(7, () => random.standardNormal()),
      wanted.standardNormal,
    );
  });
  it('in shuffle of a list', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyz'];
    fresh().shuffle(letters);
    expect(letters.join('')).toBe(wanted.shuffledLetters);
  });
  it('in permutation and choice without replacement', () => {
    expect(fresh().permutation(37)).toEqual(wanted.permutation);
    expect(fresh().choice(50, 9)).toEqual(wanted.choice);
  });
  it('in the number of words each method draws', () => {
    const random = fresh();
    const [normal, sample, integer, spare, order, last] = wanted.mixed;
    expectNormals([random.standardNormal()], [normal]);
    expect(random.randomSample()).toBe(sample);
    expect(random.randint(0, 100)).toBe(integer);
    expectNormals([random.standardNormal()], [spare]);
    expect(random.permutation(5)).toEqual(order);
    expectNormals([random.standardNormal()], [last]);
  });
});

it("choice equals pandas' DataFrame.sample(n, random_state)", () => {
  const { rows, n, randomState, index } = golden.pandasSample;
  expect(new Mt19937(randomState).choice(rows, n)).toEqual(index);
});

it('interval stays within its bounds and reaches both', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (max, seed) => {
      const random = new Mt19937(seed);
      const drawn = new Set(repeat(2000, () => random.interval(max)));
      expect(Math.min(...drawn)).toBe(0);
      expect(Math.max(...drawn)).toBe(max);
      expect(drawn.size).toBe(max + 1);
    }),
    { numRuns: 30 },
  );
});

it('refuses seeds and ranges that NumPy refuses', () => {
  for (const seed of [-1, 2 ** 32, 1.5, Number.NaN, [], [1, -1]]) {
    expect(() => new Mt19937(seed)).toThrow(BadArgumentError);
  }
  const random = new Mt19937(0);
  expect(() => random.randint(3, 3)).toThrow(BadArgumentError);
  expect(() => random.choice(3, 4)).toThrow(BadArgumentError);
  expect(() => random.interval(-1)).toThrow(BadArgumentError);
});
