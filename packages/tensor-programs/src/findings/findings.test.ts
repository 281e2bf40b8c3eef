import { BadArgumentError, ndarray } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { kernelChange } from '../features/kernel-change.js';
import {
  analogueFinding,
  earlyAdamFindings,
  featureFinding,
  linearizationFinding,
  naturalFinding,
  solvesFinding,
  stepFinding,
} from './index.js';

it('the kernel solves a task from nine tenths of fine-tuning on', () => {
  expect(solvesFinding('SGD', 'accuracy', [{ kernel: 0.72, tuned: 0.8 }]).verdict).toBe('holds');
  expect(solvesFinding('SGD', 'accuracy', [{ kernel: 0.71, tuned: 0.8 }]).verdict).toBe('fails');
  expect(solvesFinding('SGD', 'matthews', [{ kernel: 0.1, tuned: 0 }]).verdict).toBe('cannot tell');
});

it('linearization gets no verdict without a gain, and says so', () => {
  const none = { zeroShot: 0.7, linearized: 0.9, tuned: 0.7 };
  const finding = linearizationFinding('SGD', 'accuracy', [none]);
  expect(finding).toMatchObject({ verdict: 'cannot tell', threshold: '≥ 0.5' });
  expect(finding.statistic).toBeUndefined();
  expect(finding.note).toMatch(/gains nothing over zero-shot/);
  const some = { zeroShot: 0.6, linearized: 0.7, tuned: 0.8 };
  expect(linearizationFinding('SGD', 'accuracy', [none, some, some, some])).toMatchObject({
    verdict: 'holds',
    note: expect.stringMatching(/for 1 of 4 seeds/),
  });
});

it('steps are judged by the median of those that changed something', () => {
  const none = { relative: undefined, r2: undefined };
  const of = (relative: number) => ({ relative, r2: 1 - relative ** 2 });
  expect(stepFinding('SGD', [[of(0.1), none, of(0.2), of(9)]])).toMatchObject({
    verdict: 'holds',
    statistic: 0.2,
    note: expect.stringMatching(/R² 0\.96 \(median\), largest error 9, 4 steps/),
  });
  expect(stepFinding('SGD', [[none]]).verdict).toBe('cannot tell');
});

it('fixed features count entries near zero and show the robust variants', () => {
  const start = Array.from({ length: 16 }, (_, i) => (i === 3 ? 1e-12 : i === 4 ? 0 : 1 + i));
  const kernel = (data: readonly number[]) => ndarray<'float64'>(Float64Array.from(data), [4, 1, 4, 1]);
  const change = kernelChange(kernel(start.map((x) => x + 0.1)), kernel(start));
  const layers = { head: change, 'layer.0': { ...change, frobenius: 0 } };
  const finding = featureFinding('SGD', [{ change, layers }]);
  expect(finding.verdict).toBe('fails');
  expect(finding.note).toMatch(
    /2 of 16 entries of K\(θ₀\) near zero, 1 of them zero and left out; with a floor/,
  );
  expect(finding.note).toMatch(/by layer from 0 \(layer\.0\) to 0\.\d+ \(head\)/);
  expect(finding.note).toMatch(/median 0\.0/);
});

it('early Adam is judged by its steps and by its path, the analogue only for two labels', () => {
  const early = { steps: [1, 0.8, 0.6], trajectory: 0.4, outputs: { relative: 0.1, r2: 0.9 } };
  const [steps, path] = earlyAdamFindings('Adam', [early]);
  expect([steps, path].map((finding) => finding!.verdict)).toEqual(['holds', 'fails']);
  expect(path!.note).toMatch(/Δf of SignGD‖ .* 0\.10/);
  expect(analogueFinding('Adam', [])).toMatchObject({
    verdict: 'cannot tell',
    note: expect.stringMatching(/one output/),
  });
  const whole = { relative: 0.03, r2: 0.99 };
  expect(analogueFinding('SignGD', [{ optimizer: 'signgd', steps: [whole], whole }]).verdict).toBe('holds');
});

describe('a task', () => {
  const sizes = (value: number) => Array.from({ length: 50 }, (_, i) => value + 0.01 * Math.sin(i));
  const others = [
    { name: 'label words shuffled', sizes: sizes(0.8) },
    { name: 'random head', sizes: sizes(0.5) },
  ];
  const verdictOf = (value: number) =>
    naturalFinding({ name: 'prompt', sizes: sizes(value) }, others).verdict;

  it('is natural at this width, may be, or is not, by |χ| against a random head', () => {
    expect(verdictOf(0.1)).toBe('holds');
    expect(verdictOf(0.4)).toBe('cannot tell');
    expect(verdictOf(0.6)).toBe('fails');
    expect(() => naturalFinding({ name: 'prompt', sizes: sizes(0.1) }, [])).toThrow(BadArgumentError);
  });
});
