import { BadArgumentError, CancelledError, type KernelSplit, type NDArray } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { transpose } from '../linalg/products.js';
import { denseOperator } from '../operators/index.js';
import { solverCandidates } from '../select/candidates.js';
import { predictedLabels } from '../select/predicted-labels.js';
import { selectOnDev } from '../select/select-on-dev.js';
import { largestDifference, randomProblem } from '../testing/random-split.js';
import { matrixFreeCandidates } from './matrix-free-spec.js';
import type { OperatorSplit } from './operator-split.js';
import { selectMatrixFree } from './select-matrix-free.js';

/** The kernel of a split as an operator. */
const operatorOf = ({ kernel, logits, labels }: KernelSplit): OperatorSplit => {
  const [n, c, m, d] = kernel.shape as [number, number, number, number];
  const data = transpose(kernel.data, n * c, m * d);
  return { kernel: denseOperator({ dtype: 'float64', shape: [m * d, n * c], data }), logits, labels };
};

const accuracy = (scores: NDArray<'float64'>, labels: NDArray<'int32'>): number =>
  predictedLabels(scores).data.filter((label, i) => label === labels.data[i]).length / labels.data.length;

const grids = {
  solver: 'lstsq,gradient-flow',
  ridge: [0, 0.01, 0.1, 1],
  f0Scales: [10, null],
  times: [1, 10, null],
};

test.each([1, 3])('dev chooses what it chooses of kernels in memory, with %i outputs', async (logits) => {
  const { train, test: dev } = randomProblem({ examples: 40, logits, queries: 30, features: 25, seed: 2 });
  const candidates = matrixFreeCandidates(grids);
  // A ridge of 0 and the end of the flow need the spectrum.
  expect(candidates).toHaveLength(6 + 4);
  const found = await selectMatrixFree({
    ...{ train: operatorOf(train), dev: operatorOf(dev), candidates, metric: accuracy },
  });
  const expected = await selectOnDev({ train, dev, candidates, metric: accuracy });
  expect(found.spec).toEqual(expected.spec);
  expect(found.rows.map(({ dev: score, chosen }) => [score, chosen])).toEqual(
    expected.rows.map(({ dev: score, chosen }) => [score, chosen]),
  );
  const scores = await found.predict(operatorOf(dev));
  expect(largestDifference(scores.data, expected.solver.predict(dev).data)).toBeLessThan(1e-5);
  expect(found.largestEigenvalue).toBeGreaterThan(0);
});

test('every candidate of a grid has the predictions of its solver', async () => {
  const { train, test: dev } = randomProblem({ examples: 30, logits: 2, queries: 20, features: 25, seed: 5 });
  for (const candidate of matrixFreeCandidates(grids)) {
    const common = { candidates: [candidate], metric: accuracy };
    const found = await selectMatrixFree({ ...common, train: operatorOf(train), dev: operatorOf(dev) });
    const { solver } = await selectOnDev({ ...common, train, dev });
    const scores = await found.predict(operatorOf(dev));
    expect(largestDifference(scores.data, solver.predict(dev).data)).toBeLessThan(1e-4);
  }
});

test('solvers that need entries of the kernel, other losses, and grids without a ridge are refused', () => {
  const attempt = (options: object) => () => matrixFreeCandidates({ ...grids, ...options });
  expect(attempt({ solver: 'svc' })).toThrow('found "svc", expected one that needs products');
  expect(attempt({ losses: ['cross-entropy'] })).toThrow(BadArgumentError);
  expect(attempt({ solver: 'lstsq', ridge: [0] })).toThrow('a number above 0');
  expect(attempt({ solver: 'lstq' })).toThrow('Did you mean');
  expect(matrixFreeCandidates({ ...grids, solver: 'auto' })).toHaveLength(10);
  expect(matrixFreeCandidates(grids, { hasLogits: false })).toHaveLength(5);
  const same = solverCandidates(
    { ...grids, solver: 'lstsq', method: 'cg' },
    { hasLogits: true, asymmetric: false },
  );
  expect(same).toHaveLength(6);
});

test('candidates that do not converge are passed over, and without any that does the error says so', async () => {
  const { train, test: dev } = randomProblem({ examples: 60, logits: 1, queries: 20, features: 80, seed: 5 });
  const common = {
    train: operatorOf(train),
    dev: operatorOf(dev),
    metric: accuracy,
    sketch: 1,
    maxIterations: 12,
  };
  const candidates = [{ solver: 'lstsq', ridge: 1e-9 } as const, { solver: 'lstsq', ridge: 1 } as const];
  const { rows, spec } = await selectMatrixFree({ ...common, candidates });
  expect(spec).toEqual(candidates[1]);
  expect(rows[0]).toMatchObject({ dev: null, chosen: false });
  expect(rows[0]!.error).toContain('did not converge within 12 iterations');
  const none = selectMatrixFree({ ...common, candidates: candidates.slice(0, 1) });
  await expect(none).rejects.toMatchObject({ code: 'NO_CONVERGENCE' });
});

test('splits that do not fit are refused, and a signal ends the work', async () => {
  const { train, test: dev } = randomProblem({ examples: 20, logits: 2, queries: 9, features: 25, seed: 5 });
  const [own, other] = [operatorOf(train), operatorOf(dev)];
  const candidates = matrixFreeCandidates(grids);
  const attempt = (options: object) =>
    selectMatrixFree({ train: own, dev: other, candidates, metric: accuracy, ...options });
  await expect(attempt({ train: other })).rejects.toMatchObject({ code: 'KERNEL_SHAPE' });
  await expect(attempt({ dev: { ...other, labels: own.labels } })).rejects.toMatchObject({
    code: 'KERNEL_SHAPE',
  });
  await expect(attempt({ candidates: [] })).rejects.toThrow(BadArgumentError);
  const stop = new AbortController();
  await expect(attempt({ signal: stop.signal, onProgress: () => stop.abort() })).rejects.toThrow(
    CancelledError,
  );
});

test('work that was interrupted goes on to the same bytes, without its first products', async () => {
  const { train, test: dev } = randomProblem({
    examples: 60,
    logits: 2,
    queries: 20,
    features: 200,
    seed: 3,
  });
  const candidates = matrixFreeCandidates(grids);
  const counted = () => {
    const own = operatorOf(train);
    const count = { products: 0 };
    const matmat: typeof own.kernel.matmat = (...args) => {
      count.products++;
      return own.kernel.matmat(...args);
    };
    return { count, split: { ...own, kernel: { ...own.kernel, matmat } } };
  };
  const attempt = (split: OperatorSplit, options: object = {}) =>
    selectMatrixFree({
      train: split,
      dev: operatorOf(dev),
      candidates,
      metric: accuracy,
      sketch: 4,
      ...options,
    });
  const whole = counted();
  const expected = await attempt(whole.split);
  const stops = [
    ['conjugate gradients', 2],
    ['conjugate gradients', 5],
    ['gradient flow', 3],
  ] as const;
  for (const [at, stopAt] of stops) {
    const kept = new Map<string, Readonly<Record<string, NDArray>>>();
    const store = {
      read: async (name: string) => structuredClone(kept.get(name)),
      write: async (name: string, arrays: Readonly<Record<string, NDArray>>) =>
        void kept.set(name, structuredClone(arrays)),
    };
    const stop = new AbortController();
    const onProgress = ({ phase, done }: { phase: string; done: number }) =>
      phase === at && done === stopAt && stop.abort();
    await expect(attempt(counted().split, { store, signal: stop.signal, onProgress })).rejects.toThrow(
      CancelledError,
    );
    const rest = counted();
    const found = await attempt(rest.split, { store });
    expect(found.coefficients).toEqual(expected.coefficients);
    expect([found.rows, found.iterations]).toEqual([expected.rows, expected.iterations]);
    expect(rest.count.products).toBeLessThanOrEqual(whole.count.products - stopAt);
  }
});
