import { Matrix, pseudoInverse } from 'ml-matrix';
import { expect, test } from 'vitest';
import { createSolver } from '../select/create-solver.js';
import { goldenCases, goldenSplit } from '../testing/golden.js';
import { largestDifference, randomProblem } from '../testing/random-split.js';

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

test('a singular asymmetric kernel: the coefficients are its pseudo-inverse times the targets', async () => {
  const { train } = randomProblem({ examples: 12, logits: 1, queries: 3, features: 5, seed: 8 });
  const data = train.kernel.data.map((value, k) => value * (1 + (k % 12)));
  const kernel = { ...train.kernel, data };
  const { solution } = await createSolver({ solver: 'lstsq', symmetric: false }).fit({ ...train, kernel });
  const targets = Matrix.columnVector(Array.from(train.labels.data, (label) => 2 * label - 1));
  const expected = pseudoInverse(Matrix.from1DArray(12, 12, data))
    .mmul(targets)
    .to1DArray();
  expect(solution.rank).toBe(5);
  expect(largestDifference(solution.coefficients, expected)).toBeLessThan(
    1e-8 * Math.max(...expected.map(Math.abs)),
  );
});
