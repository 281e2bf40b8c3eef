import { type AddProduct, type KernelSplit, ndarray } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { plainProduct } from '../linalg/add-product.js';
import { createSolver } from '../select/create-solver.js';
import { solverGrid } from '../select/grid.js';
import { leaveOneOut } from '../select/leave-one-out.js';
import { selectOnDev } from '../select/select-on-dev.js';
import { largestDifference, randomProblem } from '../testing/random-split.js';
import { posteriorVariance } from './gaussian-process.js';

const problem = randomProblem({ examples: 30, logits: 2, queries: 7, features: 90, seed: 11 });

/** A split of its own, so that nothing is shared with fits of another. */
const copyOf = ({ kernel, ...rest }: KernelSplit): KernelSplit => ({
  ...rest,
  kernel: ndarray<'float64'>(kernel.data.slice(), kernel.shape),
});

test.each(['lstsq', 'gaussian-process'] as const)(
  '%s by Cholesky predicts as by the spectrum, and reports no diagnostics',
  async (solver) => {
    for (const ridge of [1e-6, 0.01, 1]) {
      const [quick, full] = await Promise.all(
        [false, true].map((diagnostics) =>
          createSolver({ solver, ridge }).fit(copyOf(problem.train), { diagnostics }),
        ),
      );
      const expected = full!.predict(problem.test).data;
      expect(largestDifference(quick!.predict(problem.test).data, expected)).toBeLessThan(1e-10);
      expect(quick!.diagnostics).toBeUndefined();
      expect(full!.diagnostics?.numericalRank).toBe(60);
    }
  },
);

test('the variance of a Gaussian process is the same with and without a spectrum, with and without a ridge', async () => {
  const prior = ndarray<'float64'>(new Float64Array(14).fill(2), [7, 2]);
  const variance = async (ridge: number, diagnostics: boolean) => {
    const gp = createSolver({ solver: 'gaussian-process', ridge });
    await gp.fit(copyOf(problem.train), { diagnostics });
    return posteriorVariance(gp, problem.test, prior).data;
  };
  for (const ridge of [0, 0.01]) {
    expect(largestDifference(await variance(ridge, false), await variance(ridge, true))).toBeLessThan(1e-10);
  }
});

test('without a ridge the variance of a singular Gaussian process is the limit of small ridges', async () => {
  const singular = randomProblem({ examples: 30, logits: 2, queries: 7, features: 20, seed: 12 });
  const prior = ndarray<'float64'>(new Float64Array(14).fill(2), [7, 2]);
  const variance = async (ridge: number) => {
    const gp = await createSolver({ solver: 'gaussian-process', ridge }).fit(copyOf(singular.train));
    return posteriorVariance(gp, singular.test, prior).data;
  };
  expect(largestDifference(await variance(0), await variance(1e-7))).toBeLessThan(1e-4);
});

test('leaving one out, without a spectrum, is what it is after one', async () => {
  const split = copyOf(problem.train);
  const quick = await leaveOneOut(split, { ridge: 0.1 });
  await createSolver({ solver: 'lstsq' }).fit(split);
  expect(largestDifference(quick.data, (await leaveOneOut(split, { ridge: 0.1 })).data)).toBeLessThan(1e-11);
});

test('an indefinite kernel is refused without a spectrum, too, whatever the ridge, and solved if allowed', async () => {
  const data = problem.train.kernel.data.slice();
  for (let i = 0; i < 60; i++) data[i * 61]! -= 1;
  const train = { ...problem.train, kernel: ndarray<'float64'>(data, problem.train.kernel.shape) };
  const options = { diagnostics: false };
  for (const ridge of [0.01, 1]) {
    const fit = createSolver({ solver: 'lstsq', ridge }).fit(copyOf(train), options);
    await expect(fit).rejects.toMatchObject({ code: 'INDEFINITE_KERNEL' });
  }
  const allowed = { solver: 'lstsq', ridge: 0.01, allowIndefinite: true } as const;
  const [quick, full] = await Promise.all([
    createSolver(allowed).fit(copyOf(train), options),
    createSolver(allowed).fit(copyOf(train)),
  ]);
  const expected = full.predict(problem.test).data;
  expect(largestDifference(quick.predict(problem.test).data, expected)).toBeLessThan(1e-9);
});

test('a grid of ridges without diagnostics chooses as with them', async () => {
  const choose = (diagnostics: boolean) =>
    selectOnDev({
      ...{ train: copyOf(problem.train), dev: problem.test, diagnostics },
      candidates: solverGrid('lstsq', { ridge: [0.001, 0.01, 0.1], f0Scale: [10, Number.POSITIVE_INFINITY] }),
      metric: (scores, labels) => -Math.abs(scores.data[0]! - labels.data[0]!),
    });
  const [quick, full] = await Promise.all([choose(false), choose(true)]);
  expect(quick.spec).toEqual(full.spec);
  for (const [at, row] of quick.rows.entries()) expect(row.dev).toBeCloseTo(full.rows[at]!.dev!, 10);
});

test('large kernels are multiplied by the products that are handed in, small ones are not', async () => {
  let calls = 0;
  const counted: AddProduct = (product) => {
    calls++;
    return plainProduct(product);
  };
  const options = { diagnostics: false, addProduct: counted };
  await createSolver({ solver: 'lstsq', ridge: 1 }).fit(copyOf(problem.train), options);
  expect(calls).toBe(0);
  const large = randomProblem({ examples: 390, logits: 1, queries: 1, features: 5, seed: 2 });
  const fitted = await createSolver({ solver: 'lstsq', ridge: 1 }).fit(large.train, options);
  expect(calls).toBeGreaterThan(0);
  const plain = await createSolver({ solver: 'lstsq', ridge: 1 }).fit(copyOf(large.train), {
    diagnostics: false,
  });
  expect(fitted.solution.coefficients).toEqual(plain.solution.coefficients);
});
