import { expect, test } from 'vitest';
import type { KernelSolver } from '../definition/kernel-solver.js';
import { createSolver } from '../select/create-solver.js';
import { goldenCases, goldenSplit } from '../testing/golden.js';

const make: Record<string, (options: Record<string, number | undefined>) => KernelSolver> = {
  svr: ({ reg = 0 }) => createSolver({ solver: 'svr', ridge: reg }),
  svc: ({ reg = 0 }) => createSolver({ solver: 'svc', ridge: reg }),
  logistic: ({ reg = 0 }) => createSolver({ solver: 'logistic', ridge: reg }),
  asym: ({ gamma = 1, lam = 0.5 }) => createSolver({ solver: 'asym', gamma, kappa: lam }),
};
/** Of max(1, |prediction|): the reference stops its iterations at 1e-3 or 1e-4, and builds one matrix in float32. */
const tolerance: Record<string, number> = { svr: 1e-6, svc: 0, logistic: 1e-6, asym: 1e-4 };

const cases = goldenCases.filter(({ solver }) => solver in make);

test('the golden set has every other case', () => expect(cases).toHaveLength(15));

for (const golden of cases) {
  test(`${golden.name} equals the reference`, async () => {
    const kind = golden.solver === 'asym' ? 'asym' : 'binary';
    const solver = await make[golden.solver]!({ ...golden.options }).fit(goldenSplit(kind, 'train'));
    const { data } = solver.predict(goldenSplit(kind, 'test'));
    let worst = 0;
    for (const [i, [p]] of golden.predictions.entries()) {
      worst = Math.max(worst, Math.abs(data[2 * i + 1]! - p!) / Math.max(1, Math.abs(p!)));
      expect(Math.sign(data[2 * i + 1]!)).toBe(Math.sign(p!));
    }
    expect(worst).toBeLessThanOrEqual(tolerance[golden.solver]!);
  });
}
