import { expect, test } from 'vitest';
import { probabilities, residuals } from '../optimize/cross-entropy.js';
import { createSolver } from '../select/create-solver.js';
import { goldenSplit } from '../testing/golden.js';
import { largestDifference, randomProblem } from '../testing/random-split.js';

for (const logits of [1, 2, 3]) {
  test(`the gradient vanishes: λσ a = y − p(f₀ + K a) with ${logits} logit(s)`, async () => {
    const { train } = randomProblem({ examples: 11, logits, queries: 4, features: 60, seed: 21 });
    for (const ridge of [1e-5, 0.01, 1]) {
      const solver = await createSolver({ solver: 'kernel-logistic', ridge, f0Scale: 0.5 }).fit(train);
      const scores = solver.predict(train).data;
      const f = logits === 1 ? scores.filter((_, i) => i % 2 === 1) : scores;
      const negativeChi = residuals(probabilities(f, logits), { width: logits, classes: train.labels.data });
      const saved = JSON.parse(JSON.stringify(solver)) as { solution: { coefficients: number[] } };
      const penalty = ridge * solver.diagnostics!.largestEigenvalue;
      const gradient = saved.solution.coefficients.map((a, k) => penalty * a - negativeChi[k]!);
      expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-8);
    }
  });
}

test('with little penalty it separates training data that can be separated', async () => {
  const { train } = randomProblem({ examples: 14, logits: 3, queries: 4, features: 90, seed: 5 });
  const { data } = (await createSolver({ solver: 'kernel-logistic', ridge: 1e-6 }).fit(train)).predict(train);
  for (const [i, label] of train.labels.data.entries()) {
    const row = Array.from(data.subarray(3 * i, 3 * i + 3));
    expect(row.indexOf(Math.max(...row))).toBe(label);
  }
});

test('logistic: Newton reaches the minimum that L-BFGS approaches', async () => {
  const query = goldenSplit('binary', 'test');
  const train = goldenSplit('binary', 'train');
  const penaltyGrid = [21.544346900318832];
  const lbfgs = (await createSolver({ solver: 'logistic', penaltyGrid }).fit(train)).predict(query).data;
  const newton = (
    await createSolver({ solver: 'logistic', penaltyGrid, optimizer: 'newton' }).fit(train)
  ).predict(query).data;
  expect(largestDifference(lbfgs, newton)).toBeLessThan(5e-3);
});
