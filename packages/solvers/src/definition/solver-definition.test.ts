import { type NDArray, ndarray } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import {
  createSolver,
  defineSolver,
  predictedLabels,
  selectOnDev,
  solverFromJSON,
  solverGrid,
} from '../index.js';
import { largestDifference, randomProblem } from '../testing/random-split.js';

/** The mean of the targets, weighted by a power of the kernel: it stands nowhere else. */
const kernelMean = defineSolver({
  name: 'kernel-mean',
  title: 'mean of the targets, weighted by the kernel',
  purpose: 'as a baseline',
  fits: 'scores',
  kernels: 'symmetric',
  auto: false,
  complexity: -1,
  options: { sign: { default: 1, from: -1, to: 1, complexity: (sign: number) => -sign } },
  solve: ({ targets, settings }) => ({
    coefficients: targets.map((y) => (settings.sign * y) / targets.length),
  }),
  solution: ({ examples, logits }) => ({ coefficients: examples * logits }),
});

const { train, test: dev } = randomProblem({ examples: 12, logits: 3, queries: 9, features: 4, seed: 6 });
const accuracy = (scores: NDArray<'float64'>, labels: NDArray<'int32'>): number =>
  predictedLabels(scores).data.filter((label, i) => label === labels.data[i]).length / labels.data.length;

test('a solver of one file is fitted, predicts, is saved and read', async () => {
  const solver = await createSolver({ solver: kernelMean }).fit(train);
  const expected = new Float64Array(27);
  for (let q = 0; q < 27; q++) {
    expected[q] = train.labels.data.reduce(
      (sum, label, i) => sum + dev.kernel.data[(3 * i + label) * 27 + q]! / 36,
      0,
    );
  }
  expect(largestDifference(solver.predict(dev).data, expected)).toBeLessThan(1e-12);
  expect(solver.solution.coefficients).toHaveLength(36);
  const json = JSON.parse(JSON.stringify(solver));
  expect(solverFromJSON(json, [kernelMean]).predict(dev)).toEqual(solver.predict(dev));
  expect(() => solverFromJSON(json)).toThrow(expect.objectContaining({ code: 'SOLVER_JSON' }));
});

test('it competes on dev with those that have names; ties go by its complexity', async () => {
  const candidates = [
    ...solverGrid('lstsq', { ridge: [0, 1] }),
    ...solverGrid(kernelMean, { sign: [-1, 1] }),
  ];
  const { rows, spec } = await selectOnDev({ train, dev, candidates, metric: accuracy });
  expect(rows.map(({ solver }) => solver)).toEqual(['lstsq', 'lstsq', 'kernel-mean', 'kernel-mean']);
  expect(rows.map((row) => row.dev)).toEqual(
    await Promise.all(
      candidates.map(async (candidate) => {
        const fitted = await createSolver(candidate as { solver: 'lstsq' }).fit(train);
        return accuracy(fitted.predict(dev), dev.labels);
      }),
    ),
  );
  expect(spec).toBe(candidates[rows.findIndex(({ chosen }) => chosen)]);
  const tied = await selectOnDev({ train, dev, candidates, metric: () => 1 });
  expect(tied.spec).toEqual({ solver: kernelMean, sign: 1 });
});

test('its options are checked, and what it does not fit is refused', async () => {
  for (const options of [{ sign: 2 }, { sign: Number.NaN }, { sing: 1 }, { symmetric: 1 }]) {
    expect(() => createSolver({ solver: kernelMean, ...(options as object) })).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT' }),
    );
  }
  const ofLabels = defineSolver({ ...kernelMean, fits: 'labels' as const });
  const targets = ndarray<'float64'>(new Float64Array(36), [12, 3]);
  await expect(createSolver({ solver: ofLabels }).fit(train, { targets })).rejects.toThrow(/own targets/);
  const ofOne = defineSolver({ ...kernelMean, singleOutput: true });
  await expect(createSolver({ solver: ofOne }).fit(train)).rejects.toMatchObject({
    code: 'SINGLE_OUTPUT_ONLY',
  });
});
