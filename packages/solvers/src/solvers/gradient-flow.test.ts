import { type KernelSplit, ndarray } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { multiply, multiplyTransposed } from '../linalg/products.js';
import { probabilities, residuals } from '../optimize/cross-entropy.js';
import { createSolver } from '../select/create-solver.js';
import { earlyStoppingPath } from '../select/early-stopping.js';
import { predictedLabels } from '../select/predicted-labels.js';
import { largestDifference, randomProblem } from '../testing/random-split.js';
import { gradientFlowPath } from './gradient-flow.js';

const shapes = [
  { examples: 12, logits: 1, queries: 7, features: 40, seed: 1 },
  { examples: 8, logits: 3, queries: 5, features: 60, seed: 2 },
] as const;

/** Classical Runge–Kutta with a fixed small step: dual coefficients of da/dt = r(f₀ + K a) at time t. */
const integrate = (
  k: Float64Array,
  f0: Float64Array,
  residual: (f: Float64Array) => Float64Array,
  time: number,
  steps: number,
): Float64Array => {
  const n = f0.length;
  let a = new Float64Array(n);
  const slope = (x: Float64Array) => residual(multiply(k, n, n, x).map((value, i) => value + f0[i]!));
  const add = (x: Float64Array, y: Float64Array, h: number) => x.map((value, i) => value + h * y[i]!);
  const h = time / steps;
  for (let step = 0; step < steps; step++) {
    const k1 = slope(a);
    const k2 = slope(add(a, k1, h / 2));
    const k3 = slope(add(a, k2, h / 2));
    const k4 = slope(add(a, k3, h));
    a = a.map((value, i) => value + (h / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!));
  }
  return a;
};

const raw = (scores: Float64Array, logits: number): Float64Array =>
  logits === 1 ? scores.filter((_, i) => i % 2 === 1) : scores;

const expected = (split: KernelSplit, a: Float64Array, scale: number): Float64Array =>
  multiplyTransposed(split.kernel.data, a.length, split.kernel.data.length / a.length, a).map(
    (value, i) => value + split.logits.data[i]! / scale,
  );

for (const shape of shapes) {
  const { train, test: query } = randomProblem(shape);
  const n = shape.examples * shape.logits;
  const width = shape.logits;
  const likelihood = { width, classes: train.labels.data };
  const targets = residuals(new Float64Array(n), likelihood).map((y) => (width === 1 ? 2 * y - 1 : y));

  for (const [loss, time] of [
    ['squared', 3],
    ['squared', 300],
    ['cross-entropy', 3],
    ['cross-entropy', 60],
  ] as const) {
    test(`${loss} flow to time ${time} with ${width} logit(s) equals its integrated ODE`, async () => {
      const solver = await createSolver({ solver: 'gradient-flow', loss, time, f0Scale: 2 }).fit(train);
      const absolute = time / solver.diagnostics!.largestEigenvalue;
      const residual = (f: Float64Array) =>
        loss === 'squared'
          ? f.map((value, i) => targets[i]! - value)
          : residuals(probabilities(f, width), likelihood);
      const f0 = train.logits.data.map((value) => value / 2);
      const a = integrate(train.kernel.data, f0, residual, absolute, Math.max(200, 10 * time));
      const scores = raw(solver.predict(query).data, width);
      expect(largestDifference(scores, expected(query, a, 2))).toBeLessThan(1e-6);
    });
  }

  test(`squared flow with ${width} logit(s) ends at the ridgeless solution`, async () => {
    const ridgeless = (await createSolver({ solver: 'lstsq', f0Scale: 1 }).fit(train)).predict(query).data;
    const end = await createSolver({ solver: 'gradient-flow', f0Scale: 1 }).fit(train);
    const late = await createSolver({ solver: 'gradient-flow', f0Scale: 1, time: 1e9 }).fit(train);
    expect(largestDifference(end.predict(query).data, ridgeless)).toBeLessThan(1e-9);
    expect(largestDifference(late.predict(query).data, ridgeless)).toBeLessThan(1e-6);
  });

  test(`a path of ${width} logit(s) holds what separate fits give`, async () => {
    for (const loss of ['squared', 'cross-entropy'] as const) {
      const times = [0, 0.5, 4, 20];
      const path = await gradientFlowPath(train, times, { loss });
      for (const [k, time] of times.entries()) {
        const single = (await createSolver({ solver: 'gradient-flow', loss, time }).fit(train)).predict(
          query,
        ).data;
        expect(largestDifference(path[k]!.predict(query).data, single)).toBeLessThan(1e-7);
        expect(path[k]!.options.time).toBe(time);
      }
    }
  });

  test(`kernel predictions equal gradient descent on the linearized model of ${width} logit(s)`, async () => {
    const problem = randomProblem(shape);
    const { trainFeatures: phi, testFeatures, features } = problem;
    const top = (await createSolver({ solver: 'lstsq' }).fit(train)).diagnostics!.largestEigenvalue;
    for (const loss of ['squared', 'cross-entropy'] as const) {
      const time = 10;
      const steps = 4000;
      const rate = time / top / steps;
      const theta = new Float64Array(features);
      for (let step = 0; step < steps; step++) {
        const f = multiply(phi, n, features, theta).map((value, i) => value + problem.train.logits.data[i]!);
        const r =
          loss === 'squared'
            ? f.map((value, i) => targets[i]! - value)
            : residuals(probabilities(f, width), likelihood);
        const gradient = multiplyTransposed(phi, n, features, r);
        for (let p = 0; p < features; p++) theta[p]! += rate * gradient[p]!;
      }
      const trained = multiply(testFeatures, shape.queries * width, features, theta).map(
        (value, i) => value + problem.test.logits.data[i]!,
      );
      const solver = await createSolver({ solver: 'gradient-flow', loss, time, f0Scale: 1 }).fit(
        problem.train,
      );
      expect(largestDifference(raw(solver.predict(problem.test).data, width), trained)).toBeLessThan(5e-3);
    }
  });
}

test('the early-stopping path takes the earliest best time', async () => {
  const { train, test: dev } = randomProblem(shapes[0]);
  const { rows, best, bestTime } = await earlyStoppingPath({
    train,
    dev,
    metric: (scores, labels) =>
      predictedLabels(scores).data.filter((label, i) => label === labels.data[i]).length / labels.data.length,
  });
  expect(rows.at(-1)).toMatchObject({ time: Number.POSITIVE_INFINITY, train: 1 });
  const highest = Math.max(...rows.map(({ dev: value }) => value));
  expect(bestTime).toBe(rows.find(({ dev: value }) => value === highest)?.time);
  expect(best.options.time).toBe(bestTime);
});

test('an asymmetric kernel has no gradient flow', async () => {
  const { train } = randomProblem(shapes[0]);
  const data = train.kernel.data.map((value, i) => value * (1 + (i % 7) / 10));
  const kernel = ndarray<'float64'>(data, train.kernel.shape);
  await expect(
    createSolver({ solver: 'gradient-flow', symmetric: false }).fit({ ...train, kernel }),
  ).rejects.toMatchObject({
    code: 'BAD_ARGUMENT',
  });
});
