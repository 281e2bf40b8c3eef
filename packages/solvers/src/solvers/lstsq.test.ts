import { expect, test } from 'vitest';
import { createSolver } from '../select/create-solver.js';
import { goldenCases, goldenSplit } from '../testing/golden.js';

const cases = goldenCases.filter(({ solver }) => solver === 'lstsq');

test('the golden set has every lstsq case', () => expect(cases).toHaveLength(25));

for (const golden of cases) {
  test(`${golden.name} equals the reference`, async () => {
    const kind = golden.name.startsWith('multi') ? 'multi' : 'binary';
    const solver = await createSolver({
      solver: 'lstsq',
      ridge: golden.options.reg ?? 0,
      f0Scale: golden.f0 ? (golden.options.f0_scaling ?? 1) : undefined,
    }).fit(goldenSplit(kind, 'train'));
    const { data } = solver.predict(goldenSplit(kind, 'test'));
    for (const [i, [p]] of golden.predictions.entries()) {
      if (kind === 'multi') expect(Math.abs(data[i]! - p!)).toBeLessThan(1e-8);
      else {
        expect(Math.abs(data[2 * i + 1]! - p!)).toBeLessThan(1e-8);
        expect(data[2 * i]).toBe(-data[2 * i + 1]!);
      }
    }
    expect(solver.solution.rank).toBe(golden.metrics.rank0);
  });
}
