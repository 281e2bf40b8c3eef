import { expect, test } from 'vitest';
import { largestDifference, randomNumbers } from '../testing/random-split.js';
import { choleskyInPlace, choleskySolve } from './cholesky.js';
import { gemm, mirrorLower, window } from './gemm.js';
import { makePause } from './pause.js';
import { multiply } from './products.js';

const pause = makePause({}, 'test');

const naive = (a: Float64Array, b: Float64Array, rows: number, columns: number, depth: number) => {
  const c = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let p = 0; p < depth; p++) c[i * columns + j]! += a[i * depth + p]! * b[j * depth + p]!;
    }
  }
  return c;
};

test('gemm equals the naive product at every remainder of its tiles and panels', () => {
  const next = randomNumbers(1);
  for (const [rows, columns, depth] of [
    [1, 1, 1],
    [3, 5, 2],
    [4, 4, 4],
    [7, 9, 600],
    [13, 6, 1030],
  ] as const) {
    const a = Float64Array.from({ length: rows * depth }, next);
    const b = Float64Array.from({ length: columns * depth }, next);
    const c = new Float64Array(rows * columns).fill(1);
    gemm(window(c, columns), window(a, depth), window(b, depth), rows, columns, depth, -2);
    const expected = naive(a, b, rows, columns, depth).map((value) => 1 - 2 * value);
    expect(largestDifference(c, expected)).toBeLessThan(1e-12);
  }
});

test('gemm of the lower triangle, mirrored, is the Gram matrix', () => {
  const next = randomNumbers(2);
  for (const n of [1, 5, 8, 11]) {
    const a = Float64Array.from({ length: n * 20 }, next);
    const c = new Float64Array(n * n);
    gemm(window(c, n), window(a, 20), window(a, 20), n, n, 20, 1, true);
    mirrorLower(c, n);
    expect(largestDifference(c, naive(a, a, n, n, 20))).toBeLessThan(1e-13);
  }
});

test('Cholesky solves positive definite systems around its panel size and refuses others', async () => {
  const next = randomNumbers(3);
  for (const n of [1, 63, 64, 65, 150]) {
    const a = Float64Array.from({ length: n * n }, next);
    const k = naive(a, a, n, n, n);
    for (let i = 0; i < n; i++) k[i * n + i]! += 0.1;
    const x = Float64Array.from({ length: n }, next);
    const right = multiply(k, n, n, x);
    const factor = k.slice();
    expect(await choleskyInPlace(factor, n, pause)).toBe(true);
    expect(largestDifference(choleskySolve(factor, n, right), x)).toBeLessThan(1e-9);
    const indefinite = k.slice();
    indefinite[n * n - 1] = -1;
    expect(await choleskyInPlace(indefinite, n, pause)).toBe(false);
  }
});
