import { ndarray } from '@ntk-lens/core';
import { inverse, Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { createSolver, solverFromJSON } from '../select/create-solver.js';
import { largestDifference, randomProblem } from '../testing/random-split.js';
import { posteriorVariance } from './gaussian-process.js';

for (const logits of [1, 2]) {
  test(`mean is ridge regression and variance k − k*ᵀ(K + λσI)⁻¹k* (${logits} logits)`, async () => {
    const ridge = 0.02;
    const problem = randomProblem({ examples: 10, logits, queries: 6, features: 40, seed: 4 });
    const { train, test: query } = problem;
    const gp = await createSolver({ solver: 'gaussian-process', ridge, f0Scale: 3 }).fit(train);
    const mean = (await createSolver({ solver: 'lstsq', ridge, f0Scale: 3 }).fit(train)).predict(query).data;
    expect(largestDifference(gp.predict(query).data, mean)).toBe(0);
    const n = 10 * logits;
    const k = Matrix.from1DArray(n, n, train.kernel.data);
    const a = inverse(Matrix.add(k, Matrix.eye(n).mul(ridge * gp.diagnostics!.largestEigenvalue)));
    const cross = Matrix.from1DArray(n, 6 * logits, query.kernel.data);
    const direct = problem.prior.map((own, q) => {
      const column = cross.getColumnVector(q);
      return own - column.transpose().mmul(a).mmul(column).get(0, 0);
    });
    const prior = ndarray<'float64'>(problem.prior, [6, logits]);
    expect(largestDifference(posteriorVariance(gp, query, prior).data, direct)).toBeLessThan(1e-10);
    const copy = solverFromJSON(JSON.parse(JSON.stringify(gp))) as typeof gp;
    expect(
      largestDifference(posteriorVariance(copy, query, prior).data, posteriorVariance(gp, query, prior).data),
    ).toBe(0);
  });
}

test('without noise the variance at a training point is zero', async () => {
  const { train } = randomProblem({ examples: 10, logits: 1, queries: 6, features: 40, seed: 4 });
  const gp = await createSolver({ solver: 'gaussian-process' }).fit(train);
  const own = Float64Array.from({ length: 10 }, (_, i) => train.kernel.data[i * 11]!);
  const { data } = posteriorVariance(gp, train, ndarray<'float64'>(own, [10, 1]));
  expect(Math.max(...data)).toBeLessThan(1e-10);
});
