import { type KernelSplit, type NDArray, ndarray, type ProgressEvent } from '@ntk-lens/core';
import { expect, test, vi } from 'vitest';
import type { SolverSpec } from '../solvers/index.js';
import { goldenSplit } from '../testing/golden.js';
import { randomProblem } from '../testing/random-split.js';
import { f0ScaleGrid, ridgeGrid, solverGrid } from './grid.js';
import { predictedLabels } from './predicted-labels.js';
import { selectOnDev } from './select-on-dev.js';
import { compareSimplicity } from './simplicity.js';

const accuracy = (scores: NDArray<'float64'>, labels: NDArray<'int32'>): number => {
  const predicted = predictedLabels(scores).data;
  return predicted.filter((label, i) => label === labels.data[i]).length / labels.data.length;
};
const train = goldenSplit('binary', 'train');
const dev = goldenSplit('binary', 'test');
const candidates = solverGrid('lstsq', { ridge: ridgeGrid, f0Scale: f0ScaleGrid });

test('the chosen candidate is the best of the whole recorded path', async () => {
  const { rows, dev: best, spec, solver } = await selectOnDev({ train, dev, candidates, metric: accuracy });
  expect(rows).toHaveLength(25);
  expect(rows.filter(({ chosen }) => chosen)).toHaveLength(1);
  expect(best).toBe(Math.max(...rows.map((row) => row.dev ?? 0)));
  expect(accuracy(solver.predict(dev), dev.labels)).toBe(best);
  expect(candidates).toContain(spec);
  expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
});

test('ties go to no f0 and the largest ridge, whatever the order of the candidates', async () => {
  for (const order of [candidates, [...candidates].reverse()]) {
    const { spec } = await selectOnDev({ train, dev, candidates: order, metric: () => 0.5 });
    expect(spec).toEqual({ solver: 'lstsq', ridge: 1, f0Scale: Number.POSITIVE_INFINITY });
  }
});

test('a metric that is NaN is never chosen', async () => {
  let calls = 0;
  const metric = (): number => (calls++ === 3 ? 0.1 : Number.NaN);
  const { rows, dev: best } = await selectOnDev({ train, dev, candidates, metric });
  expect(best).toBe(0.1);
  expect(rows[3]?.chosen).toBe(true);
  expect(rows[0]?.dev).toBeNull();
});

test('progress is of the search, what a candidate reports is its detail', async () => {
  const { train: large, test: query } = randomProblem({
    examples: 100,
    logits: 3,
    queries: 5,
    features: 400,
    seed: 3,
  });
  const events: ProgressEvent[] = [];
  // Candidates report when time has passed: here it does between any two looks at the clock.
  let time = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 100));
  await selectOnDev({
    train: large,
    dev: query,
    candidates: [{ solver: 'lstsq' }, { solver: 'lstsq', ridge: 1 }],
    metric: accuracy,
    onProgress: (event) => events.push(event),
  });
  clock.mockRestore();
  expect(new Set(events.map(({ phase, total }) => `${phase} ${total}`))).toEqual(new Set(['select 2']));
  const done = events.map((event) => event.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done.at(-1)).toBe(2);
  expect(events.some(({ detail }) => detail !== undefined)).toBe(true);
});

test('an aborted search is cancelled', async () => {
  const signal = AbortSignal.abort();
  await expect(selectOnDev({ train, dev, candidates, metric: accuracy, signal })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});

test('labels of one class only are refused', async () => {
  const labels = ndarray<'int32'>(new Int32Array(40), [40]);
  const oneClass: KernelSplit = { ...train, labels };
  await expect(selectOnDev({ train: oneClass, dev, candidates, metric: accuracy })).rejects.toMatchObject({
    code: 'ONE_CLASS',
  });
});

test('the order of simplicity: solver, f0, regularization, then kappa', () => {
  const ascending: SolverSpec[] = [
    { solver: 'lstsq', ridge: 1 },
    { solver: 'lstsq', ridge: 0.01 },
    { solver: 'lstsq' },
    { solver: 'lstsq', ridge: 1, f0Scale: 1000 },
    { solver: 'lstsq', ridge: 1, f0Scale: 10 },
    { solver: 'gradient-flow', time: 3 },
    { solver: 'gradient-flow', time: 30 },
    { solver: 'gradient-flow' },
    { solver: 'svr', penaltyC: 0.5 },
    { solver: 'svr' },
    { solver: 'asym', gamma: 0.1, kappa: 1 },
    { solver: 'asym' },
    { solver: 'asym', kappa: 0.25 },
    { solver: 'asym', kappa: 0.75 },
    { solver: 'asym', kappa: 0 },
  ];
  const shuffled = ascending.map((spec, i) => ({ spec, key: (i * 7) % ascending.length }));
  shuffled.sort((a, b) => a.key - b.key);
  expect(shuffled.map(({ spec }) => spec).sort(compareSimplicity)).toEqual(ascending);
});

test('grids of several solvers compete; one that fails is recorded and passed over', async () => {
  // Two features cannot separate random labels: the flow stays stiff, and 10⁹ is too long for it.
  const problem = randomProblem({ examples: 20, logits: 1, queries: 10, features: 2, seed: 3 });
  const mixed = [
    ...solverGrid('lstsq', { ridge: [0, 0.1] }),
    ...solverGrid('svc'),
    ...solverGrid('gradient-flow', { loss: ['cross-entropy'], time: [5, 1e9] }),
  ];
  const { rows } = await selectOnDev({
    train: problem.train,
    dev: problem.test,
    candidates: mixed,
    metric: accuracy,
  });
  expect(rows.map(({ solver }) => solver)).toEqual(mixed.map(({ solver }) => solver));
  expect(rows[4]?.error).toMatch(/did not converge/);
  expect(rows[4]?.dev).toBeNull();
  expect(rows[3]?.error).toBeUndefined();
});
