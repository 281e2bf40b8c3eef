import { Mt19937 } from '@ntk-lens/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitPairs } from './paired-law.js';
import { fitPowerLaw } from './power-law.js';

describe('fitPowerLaw', () => {
  it('finds the exponent of an exact law, whatever its constant', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (s, c) => {
          const law = fitPowerLaw(
            [32, 64, 128, 512].map((width) => ({ width, values: [c * width ** s, c * width ** s] })),
          );
          expect(law.slope).toBeCloseTo(s, 9);
          expect(law.intercept).toBeCloseTo(Math.log(c), 7);
          expect(law.interval[0]).toBeCloseTo(s, 9);
          expect(law.interval[1]).toBeCloseTo(s, 9);
        },
      ),
    );
  });

  it('has intervals that contain the true exponent about as often as they say', () => {
    const random = new Mt19937(7);
    let inside = 0;
    for (let trial = 0; trial < 200; trial++) {
      const samples = [64, 128, 256, 512].map((width) => ({
        width,
        values: Array.from({ length: 12 }, () => width ** -0.5 * Math.exp(0.3 * random.standardNormal())),
      }));
      const { interval } = fitPowerLaw(samples, { draws: 200, seed: trial });
      if (interval[0] <= -0.5 && -0.5 <= interval[1]) inside += 1;
    }
    expect(inside).toBeGreaterThan(170);
    expect(inside).toBeLessThan(200);
  });

  it('is least squares over all seeds: a width with one seed does not weigh as one with many', () => {
    const many = (width: number) => ({ width, values: Array.from({ length: 9 }, () => width ** -0.5) });
    const odd = { width: 512, values: [1] };
    const { slope, r2 } = fitPowerLaw([many(64), many(128), many(256), odd]);
    const pairs = [...[64, 128, 256].flatMap((x) => Array(9).fill({ x, y: x ** -0.5 })), { x: 512, y: 1 }];
    expect(slope).toBeCloseTo(fitPairs(pairs).slope, 12);
    expect(slope).toBeLessThan(-0.1);
    const single = [many(64), many(128), many(256), odd].map(({ width, values }) => ({
      width,
      values: [values[0]!],
    }));
    expect(fitPowerLaw(single).slope).toBeGreaterThan(0.2);
    expect(r2).toBeLessThan(1);
  });

  it('through the medians does not follow a seed that comes near zero', () => {
    const samples = [64, 256, 1024].map((width, i) => ({
      width,
      values: [1, 1.1, 0.9, 1.2, i === 2 ? 1e-9 : 0.8].map((factor) => factor / width),
    }));
    expect(fitPowerLaw(samples).slope).toBeLessThan(-1.5);
    const { slope, interval } = fitPowerLaw(samples, { centre: 'median' });
    expect(slope).toBeCloseTo(-1, 10);
    expect(interval[0]).toBeLessThan(-1);
    expect(interval[1]).toBeGreaterThan(-1);
  });

  it('refuses two widths, repeated widths and values without a logarithm', () => {
    const at = (width: number, value: number) => ({ width, values: [value] });
    expect(() => fitPowerLaw([at(1, 1), at(2, 1)])).toThrow(/three/);
    expect(() => fitPowerLaw([at(1, 1), at(2, 1), at(2, 1), at(4, 1)])).toThrow(/each once/);
    expect(() => fitPowerLaw([at(1, 1), at(2, 0), at(4, 1)])).toThrow(/width 2: found "0"/);
  });
});
