import { BadArgumentError } from '@ntk-lens/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { median } from '../statistics/median.js';
import { checkTwoLayer, type TwoLayerCheck } from './check-two-layer.js';
import { twoLayerStep } from './two-layer-step.js';
import { twoLayerTable } from './two-layer-table.js';

let check: TwoLayerCheck;
beforeAll(() => {
  check = checkTwoLayer();
});

describe('thirty networks at each of 64, 1024 and 16384 neurons, χ = n^(−1/2)', () => {
  it('have the derived exponents: −1 for SGD, none for SignGD with η = 1, −1 with η = n^(−1/2)', () => {
    expect(check.laws.map(({ rule, rate, expected }) => [rule, rate, expected])).toEqual([
      ['sgd', '1', -1],
      ['signgd', '1', 0],
      ['signgd', 'n^(-1/2)', -1],
    ]);
    for (const { expected, law } of check.laws) {
      expect(law.interval[0]).toBeLessThan(expected);
      expect(law.interval[1]).toBeGreaterThan(expected);
      expect(Math.abs(law.slope - expected)).toBeLessThan(0.15);
    }
    expect(check.findings.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'holds']);
  });

  it('have medians inside intervals that are narrow beside the fall of the error', () => {
    expect(check.entries.map(({ width }) => width)).toEqual(Array(3).fill([64, 1024, 16384]).flat());
    for (const { errors, median: middle, interval } of check.entries) {
      expect(errors).toHaveLength(30);
      const [low, high] = interval!;
      expect(errors.filter((error) => error < low)).toHaveLength(9);
      expect(errors.filter((error) => error > high)).toHaveLength(9);
      expect(low).toBeLessThan(middle);
      expect(high).toBeGreaterThan(middle);
    }
    const of = (i: number) => check.entries.slice(3 * i, 3 * i + 3).map(({ interval }) => interval!);
    for (const row of [of(0), of(2)]) {
      expect(row[0]![0]).toBeGreaterThan(row[1]![1]);
      expect(row[1]![0]).toBeGreaterThan(row[2]![1]);
    }
    // SignGD with η = 1 keeps its error: widths do not separate, and the widest has none below 0.4.
    expect(of(1)[2]![0]).toBeGreaterThan(0.4);
    expect(of(1)[0]![1]).toBeGreaterThan(of(1)[2]![0]);
  });

  it('take single steps, of other networks at every width, the same for every optimizer', () => {
    const [narrow, wide] = twoLayerTable({ draws: 3, seed: 7, widths: [8, 16] });
    const input = [1, 1, 1, 1, 1];
    const errorOf = (width: number, seed: number) =>
      twoLayerStep({ width, seed, rule: 'sgd', rate: 1, chi: width ** -0.5, input }).error;
    expect(narrow!.errors).toEqual([7, 8, 9].map((seed) => errorOf(8, seed)));
    expect(wide!.errors).toEqual([10, 11, 12].map((seed) => errorOf(16, seed)));
    expect(narrow!.median).toBe(median(narrow!.errors));
    expect(narrow!.interval).toBeUndefined();
  });
});

it('holds nowhere on three networks at three widths that hardly differ', () => {
  const { findings } = checkTwoLayer({ draws: 3, widths: [16, 18, 20] });
  expect(findings.map(({ verdict }) => verdict)).not.toContain('holds');
});

it('fails where the exponent is another one, as at one to three neurons', () => {
  const { laws, findings } = checkTwoLayer({ draws: 400, widths: [1, 2, 3] });
  const [low, high] = laws[0]!.law.interval;
  expect(low > -1 || high < -1).toBe(true);
  expect(findings[0]!.verdict).toBe('fails');
});

it('refuses fewer than three widths and numbers that are none', () => {
  expect(() => checkTwoLayer({ widths: [64, 128] })).toThrow(BadArgumentError);
  expect(() => twoLayerTable({ draws: 0 })).toThrow(/draws/);
  expect(() => twoLayerTable({ widths: [1.5] })).toThrow(/width/);
});
