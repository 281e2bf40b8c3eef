import { BadArgumentError, CancelledError, type NDArray, type ProgressEvent } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { ConvergenceError } from '../errors.js';
import { decomposeSymmetric } from '../linalg/symmetric-eigen.js';
import { createSolver } from '../select/create-solver.js';
import { randomGram, randomVector, squareOperator } from '../testing/random-operator.js';
import { largestDifference, randomProblem } from '../testing/random-split.js';
import {
  denseOperator,
  estimateEffectiveRank,
  estimateSpectrum,
  estimateTrace,
  operatorFlow,
  topEigenvalues,
} from './index.js';

const size = 40;
const decayed = randomGram(size, 36, 3, 0.5);
const operator = squareOperator(decayed, size);

test('the largest eigenvalues are those of the whole spectrum, within their bounds', async () => {
  const { values } = await decomposeSymmetric(decayed, size);
  const descending = [...values].reverse();
  for (const count of [1, 5, 20]) {
    const found = await topEigenvalues(operator, count);
    for (const [k, value] of found.values.entries()) {
      expect(Math.abs(value - descending[k]!)).toBeLessThanOrEqual(found.bounds[k]! + 1e-10);
      expect(found.bounds[k]).toBeLessThanOrEqual(1e-6 * descending[0]!);
    }
  }
  // All of a small one.
  const small = squareOperator(randomGram(4, 6, 1), 4);
  const all = (await decomposeSymmetric(randomGram(4, 6, 1), 4)).values;
  expect(largestDifference((await topEigenvalues(small, 4)).values, [...all].reverse())).toBeLessThan(1e-12);
});

test('eigenvalues that do not converge, and counts that there are not, are refused', async () => {
  await expect(topEigenvalues(operator, 5, { maxSteps: 6 })).rejects.toThrow(ConvergenceError);
  await expect(topEigenvalues(operator, 5, { maxSteps: 6 })).rejects.toThrow(
    /Found a residual of .* expected at most/,
  );
  await expect(topEigenvalues(operator, 0)).rejects.toThrow(BadArgumentError);
  await expect(topEigenvalues(operator, size + 1)).rejects.toThrow(`from 1 to ${size}`);
});

test('gradient flow by products is that of the spectrum, at all times', async () => {
  const { train } = randomProblem({ examples: 50, logits: 2, queries: 3, features: 70, seed: 6 });
  const n = 100;
  const { kernel } = train;
  const own = denseOperator({ ...kernel, shape: [n, n] });
  const targets = randomVector(n, 1);
  const times = [0.1, 3, 40];
  const { solutions } = await operatorFlow(own, [targets, new Float64Array(n)], times);
  for (const [t, time] of times.entries()) {
    const fit = createSolver({ solver: 'gradient-flow', time, timeUnit: 'absolute' });
    const { solution } = await fit.fit(train, { targets: { ...train.logits, data: targets } });
    expect(largestDifference(solutions[0]![t]!, solution.coefficients)).toBeLessThan(1e-6 * time);
    expect(solutions[1]![t]!.every((x) => x === 0)).toBe(true);
  }
  await expect(operatorFlow(own, [targets], [1e6], { maxSteps: 8 })).rejects.toThrow(ConvergenceError);
});

const traceOf = (matrix: Float64Array) => {
  let trace = 0;
  for (let i = 0; i < size; i++) trace += matrix[i * (size + 1)]!;
  return trace;
};

test('the intervals of the trace and of the effective rank cover them', async () => {
  const { train } = randomProblem({ examples: size, logits: 1, queries: 2, features: 3, seed: 1 });
  const kernel = { ...train.kernel, data: decayed };
  const { diagnostics } = await createSolver({ solver: 'lstsq', ridge: 0.1 }).fit({ ...train, kernel });
  const [trace, rank] = [traceOf(decayed), diagnostics!.effectiveRank];
  const covered = { trace: 0, rank: 0 };
  const seeds = 16;
  for (let seed = 0; seed < seeds; seed++) {
    const covers = (interval: { low: number; high: number }, value: number) =>
      Number(interval.low <= value && value <= interval.high);
    const own = await estimateTrace(operator, { seed, sketch: 8, samples: 12 });
    covered.trace += covers(own, trace);
    expect(Math.abs(own.value - trace)).toBeLessThan(0.2 * trace);
    if (seed >= 8) continue;
    const both = await estimateEffectiveRank(operator, { seed, sketch: 8, samples: 12 });
    for (const end of ['value', 'low', 'high'] as const)
      expect(Math.abs(both.trace[end] - own[end])).toBeLessThan(1e-6 * trace);
    covered.rank += covers(both.effectiveRank, rank);
    expect(both.effectiveRank.high - both.effectiveRank.low).toBeLessThan(rank / 2);
  }
  // 95 % of them, less what chance takes away.
  expect(covered.trace).toBeGreaterThanOrEqual(14);
  expect(covered.rank).toBeGreaterThanOrEqual(6);
});

test('a spectrum has what its parts have, and one that was interrupted goes on to the same numbers', async () => {
  const { values } = await decomposeSymmetric(decayed, size);
  const kept = new Map<string, Readonly<Record<string, NDArray>>>();
  const store = {
    read: async (name: string) => structuredClone(kept.get(name)),
    write: async (name: string, arrays: Readonly<Record<string, NDArray>>) =>
      void kept.set(name, structuredClone(arrays)),
  };
  const counted = () => {
    const count = { products: 0 };
    const matmat: typeof operator.matmat = (...args) => {
      count.products++;
      return operator.matmat(...args);
    };
    return { count, own: { ...operator, matmat } };
  };
  const whole = counted();
  const expected = await estimateSpectrum(whole.own, { count: 3, sketch: 8 });
  for (const [k, value] of expected.top.entries())
    expect(Math.abs(value - values.at(-1 - k)!)).toBeLessThanOrEqual(expected.bounds[k]! + 1e-10);
  const { trace, effectiveRank } = await estimateEffectiveRank(operator, { sketch: 8 });
  expect(expected).toMatchObject({ trace, effectiveRank });
  const stop = new AbortController();
  const onProgress = ({ phase, done, unit }: ProgressEvent) =>
    phase.startsWith('trace') && unit === 'steps' && done === 2 && stop.abort();
  const options = { count: 3, sketch: 8, store };
  const cancelled = estimateSpectrum(operator, { ...options, signal: stop.signal, onProgress });
  await expect(cancelled).rejects.toThrow(CancelledError);
  const [rest, done] = [counted(), kept.size];
  expect(await estimateSpectrum(rest.own, options)).toEqual(expected);
  expect(rest.count.products).toBe(whole.count.products - done);
  // As many as converge.
  const few = await estimateSpectrum(operator, { count: size, sketch: 8 });
  expect(few.top.length).toBeGreaterThanOrEqual(1);
});

test('an operator of small rank is known exactly, and bad numbers are refused', async () => {
  const matrix = randomGram(size, 6, 8);
  const own = squareOperator(matrix, size);
  const { value, low, high } = await estimateTrace(own, { sketch: 8 });
  expect(Math.abs(value - traceOf(matrix))).toBeLessThan(1e-9 * value);
  expect(high - low).toBeLessThan(1e-9 * value);
  const { effectiveRank } = await estimateEffectiveRank(own, { sketch: 8 });
  const { values } = await decomposeSymmetric(matrix, size);
  const shares = [...values.slice(-6)].map((x) => x / traceOf(matrix));
  const entropy = -shares.reduce((sum, p) => sum + p * Math.log(p), 0);
  expect(effectiveRank.value).toBeCloseTo(Math.exp(entropy), 5);
  for (const options of [{ sketch: 0 }, { samples: 1 }])
    await expect(estimateTrace(own, options)).rejects.toThrow(BadArgumentError);
});
