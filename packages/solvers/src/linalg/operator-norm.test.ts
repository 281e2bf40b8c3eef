import { expect, test } from 'vitest';
import { largestDifference, randomNumbers } from '../testing/random-split.js';
import { operatorNormOf } from './operator-norm.js';
import { makePause } from './pause.js';
import { multiply, multiplySymmetric } from './products.js';
import { decomposeSymmetric } from './symmetric-eigen.js';

const pause = makePause({}, 'test');

test('the norm is the largest absolute eigenvalue, of either sign', async () => {
  const next = randomNumbers(7);
  for (const n of [1, 2, 3, 60, 120]) {
    for (const lift of [-3, 0, 3]) {
      const k = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) k[i * n + j] = k[j * n + i] = next() + (i === j ? lift : 0);
      }
      const { values } = await decomposeSymmetric(k, n);
      const expected = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
      const norm = await operatorNormOf((x) => multiply(k, n, n, x), n, pause);
      expect(Math.abs(norm! - expected)).toBeLessThan(1e-12 * expected);
    }
  }
});

test('the product with a symmetric matrix reads its lower triangle alone', () => {
  const next = randomNumbers(8);
  for (const n of [1, 2, 3, 4, 5, 7, 8, 30, 61]) {
    const k = new Float64Array(n * n);
    const lower = new Float64Array(n * n).fill(Number.NaN);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) k[i * n + j] = k[j * n + i] = lower[i * n + j] = next();
    }
    const x = Float64Array.from({ length: n }, next);
    expect(largestDifference(multiplySymmetric(lower, n, x), multiply(k, n, n, x))).toBeLessThan(1e-13);
  }
});

test('a multiple of the identity needs one step, a spectrum without a top more than there are', async () => {
  let steps = 0;
  const twice = (x: Float64Array): Float64Array => {
    steps++;
    return x.map((value) => 2 * value);
  };
  expect(await operatorNormOf(twice, 50, pause)).toBeCloseTo(2, 12);
  expect(steps).toBe(1);
  // The second difference on a line of 1,000 points: the largest eigenvalues differ by 10⁻⁵.
  const line = (x: Float64Array): Float64Array => x.map((v, i) => 2 * v - (x[i - 1] ?? 0) - (x[i + 1] ?? 0));
  expect(await operatorNormOf(line, 1000, pause)).toBeUndefined();
});
