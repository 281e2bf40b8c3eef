import { expect, test } from 'vitest';
import { createSolver } from '../select/create-solver.js';
import { largestDifference, onlyExample, randomProblem, withoutExample } from '../testing/random-split.js';
import { leaveOneOut } from './leave-one-out.js';

for (const logits of [1, 3]) {
  for (const f0Scale of [Number.POSITIVE_INFINITY, 2]) {
    test(`closed form equals refitting without each example (${logits} logits, f0 scale ${f0Scale})`, async () => {
      const { train } = randomProblem({ examples: 9, logits, queries: 4, features: 50, seed: 11 + logits });
      const ridge = 0.05;
      const closed = await leaveOneOut(train, { ridge, f0Scale });
      const norm = (await createSolver({ solver: 'lstsq' }).fit(train)).diagnostics!.largestEigenvalue;
      const labels = Math.max(2, logits);
      for (let i = 0; i < 9; i++) {
        const rest = withoutExample(train, i);
        const restNorm = (await createSolver({ solver: 'lstsq' }).fit(rest)).diagnostics!.largestEigenvalue;
        const refit = await createSolver({ solver: 'lstsq', ridge: (ridge * norm) / restNorm, f0Scale }).fit(
          rest,
        );
        const row = closed.data.subarray(i * labels, (i + 1) * labels);
        expect(largestDifference(refit.predict(onlyExample(train, i)).data, row)).toBeLessThan(1e-9);
      }
    });
  }
}

test('a singular kernel without ridge is refused', async () => {
  const { train } = randomProblem({ examples: 9, logits: 1, queries: 4, features: 3, seed: 1 });
  await expect(leaveOneOut(train)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
});
