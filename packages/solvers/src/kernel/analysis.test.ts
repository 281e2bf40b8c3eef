import type { ProgressEvent } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { createSolver } from '../select/create-solver.js';
import { randomProblem } from '../testing/random-split.js';

test('diagnostics of a kernel with known spectrum', async () => {
  const { train } = randomProblem({ examples: 3, logits: 1, queries: 3, features: 5, seed: 1 });
  const data = Float64Array.of(4, 0, 0, 0, 2, 0, 0, 0, 0);
  const labels = { ...train.labels, data: Int32Array.of(1, 0, 1) };
  const { diagnostics } = await createSolver({ solver: 'lstsq' }).fit({
    ...train,
    labels,
    kernel: { ...train.kernel, data },
  });
  expect(diagnostics).toMatchObject({
    size: 3,
    symmetric: true,
    asymmetry: 0,
    largestEigenvalue: 4,
    smallestEigenvalue: 0,
    conditionNumber: Number.POSITIVE_INFINITY,
    numericalRank: 2,
    largestStableLearningRate: 0.5,
  });
  const entropy = -(2 / 3) * Math.log(2 / 3) - (1 / 3) * Math.log(1 / 3);
  expect(diagnostics?.effectiveRank).toBeCloseTo(Math.exp(entropy), 12);
  expect(diagnostics?.targetAlignment).toBeCloseTo(6 / (Math.sqrt(20) * 3), 12);
});

test('a kernel that is its targets is perfectly aligned, centred or not', async () => {
  const { train } = randomProblem({ examples: 4, logits: 1, queries: 3, features: 5, seed: 1 });
  const y = Array.from(train.labels.data, (label) => 2 * label - 1);
  const data = Float64Array.from(y.flatMap((a) => y.map((b) => 3 * a * b)));
  const { diagnostics } = await createSolver({ solver: 'lstsq' }).fit({
    ...train,
    kernel: { ...train.kernel, data },
  });
  expect(diagnostics?.targetAlignment).toBeCloseTo(1, 12);
  expect(diagnostics?.centredTargetAlignment).toBeCloseTo(1, 12);
});

test('a large fit reports progress and stops within it when cancelled, then can be repeated', async () => {
  const { train } = randomProblem({ examples: 300, logits: 2, queries: 2, features: 30, seed: 2 });
  const controller = new AbortController();
  const phases: ProgressEvent[] = [];
  const cancelled = createSolver({ solver: 'lstsq', ridge: 0.1 }).fit(train, {
    signal: controller.signal,
    onProgress: (event) => {
      phases.push(event);
      controller.abort();
    },
  });
  await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(phases[0]?.total).toBeGreaterThan(0);
  const fitted = await createSolver({ solver: 'lstsq', ridge: 0.1 }).fit(train);
  expect(fitted.diagnostics?.numericalRank).toBe(30);
});
