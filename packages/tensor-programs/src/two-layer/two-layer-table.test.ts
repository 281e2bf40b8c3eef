import { beforeAll, describe, expect, it } from 'vitest';
import { fitPowerLaw } from '../statistics/power-law.js';
import { twoLayerStep } from './two-layer-step.js';
import { type TwoLayerEntry, twoLayerTable } from './two-layer-table.js';

let table: readonly TwoLayerEntry[];
beforeAll(() => {
  table = twoLayerTable(Array.from({ length: 100 }, (_, seed) => seed));
});
const row = (rule: TwoLayerEntry['rule'], rate: TwoLayerEntry['rate']) =>
  table.filter((entry) => entry.rule === rule && entry.rate === rate);
const slope = (entries: readonly TwoLayerEntry[]) =>
  fitPowerLaw(
    entries.map(({ width, mean }) => ({ width, values: [mean] })),
    { draws: 1 },
  ).slope;

describe('the two-layer μP network of PAPER §2, χ = n^(−1/2)', () => {
  // decisions/0011: the table is of single networks, which differ; no average over three or more has its second row.
  it.each([
    ['sgd', '1', [0.0223, 0.0018, 0.0001]],
    ['signgd', '1', [1.15, 0.6, 0.44]],
    ['signgd', 'n^(-1/2)', [0.0228, 0.0011, 0.0001]],
  ] as const)(
    '%s, η = %s: every published error is within the 5–95 %% range of seeds',
    (rule, rate, errors) => {
      const entries = row(rule, rate);
      expect(entries.map(({ published }) => published)).toEqual(errors);
      for (const { published, range, place, width } of entries) {
        expect(published, `n = ${width}`).toBeGreaterThanOrEqual(range[0]);
        expect(published, `n = ${width}`).toBeLessThanOrEqual(range[1]);
        expect(place).toBeGreaterThan(0.05);
        expect(place).toBeLessThan(0.95);
      }
    },
  );

  it('the range says something: it is narrow where many neurons average, and none of the rows fits in another', () => {
    const [small, , large] = row('signgd', '1');
    expect(large!.range[1] / large!.range[0]).toBeLessThan(1.3);
    expect(small!.range[1] / small!.range[0]).toBeGreaterThan(5);
    for (const { range } of [...row('sgd', '1'), ...row('signgd', 'n^(-1/2)')].filter((e) => e.width > 64))
      expect(range[1]).toBeLessThan(0.01);
  });

  it('SGD with η = 1 and SignGD with η = n^(−1/2) are linear in the limit, with errors as 1/n; SignGD with η = 1 is not', () => {
    expect(Math.abs(slope(row('sgd', '1')) + 1)).toBeLessThan(0.1);
    expect(Math.abs(slope(row('signgd', 'n^(-1/2)')) + 1)).toBeLessThan(0.1);
    expect(slope(row('signgd', '1'))).toBeGreaterThan(-0.2);
    expect(row('signgd', '1')[2]!.range[0]).toBeGreaterThan(0.4);
  });

  it('is that of single steps', () => {
    const { mean, range, place } = twoLayerTable([7])[0]!;
    const { error } = twoLayerStep({
      ...{ width: 64, seed: 7, rule: 'sgd', rate: 1, chi: 1 / 8 },
      input: [1, 1, 1, 1, 1],
    });
    expect([mean, ...range]).toEqual([error, error, error]);
    expect(place).toBe(error <= 0.0223 ? 1 : 0);
  });
});
