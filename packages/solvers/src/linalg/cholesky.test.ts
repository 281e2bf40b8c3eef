import { expect, test } from 'vitest';
import { largestDifference, randomNumbers } from '../testing/random-split.js';
import { plainProduct } from './add-product.js';
import { choleskyInverse, choleskyOf, choleskySolve } from './cholesky.js';
import { gemm, window } from './gemm.js';
import { makePause } from './pause.js';
import { multiply, multiplyTransposed, transpose } from './products.js';

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

test('products in plain JavaScript equal the naive ones, either way round, and add up', async () => {
  const next = randomNumbers(2);
  for (const [rows, columns, depth] of [
    [1, 1, 1],
    [5, 3, 40],
    [33, 70, 9],
    [4, 1, 0],
  ] as const) {
    const a = Float64Array.from({ length: rows * depth }, next);
    const b = Float64Array.from({ length: columns * depth }, next);
    const expected = naive(a, b, rows, columns, depth).map((value) => 1 - value);
    for (const transposeB of [true, false]) {
      const c = new Float64Array(rows * columns).fill(1);
      const right = transposeB ? b : transpose(b, columns, depth);
      await plainProduct({ c, a, b: right, rows, columns, depth, alpha: -1, transposeB });
      expect(largestDifference(c, expected)).toBeLessThan(1e-13);
    }
  }
});

test('Cholesky solves positive definite systems around the sizes of its panels and refuses others', async () => {
  const next = randomNumbers(3);
  for (const n of [1, 2, 5, 31, 32, 33, 63, 64, 65, 130, 255, 256, 257, 300, 530]) {
    const a = Float64Array.from({ length: n * 10 }, next);
    const k = naive(a, a, n, n, 10);
    const shifted = k.map((value, i) => value + (i % (n + 1) === 0 ? 0.5 : 0));
    const x = Float64Array.from({ length: n }, next);
    const right = multiply(shifted, n, n, x);
    // The upper triangle is not read.
    const lower = k.map((value, i) => (i % n > Math.floor(i / n) ? Number.NaN : value));
    const factor = (await choleskyOf(lower, n, 0.5, plainProduct, pause))!;
    expect(largestDifference(choleskySolve(factor, right), x)).toBeLessThan(1e-11);
    const inverse = await choleskyInverse(factor, plainProduct, pause);
    const byInverse = multiplyTransposed(inverse, n, n, multiply(inverse, n, n, right));
    expect(largestDifference(byInverse, x)).toBeLessThan(1e-11);
    const other = (await choleskyOf(k, n, 2, plainProduct, pause))!;
    const again = await choleskyOf(lower, n, 0.5, plainProduct, pause, other.storage);
    expect(again).toEqual(factor);
    const indefinite = k.slice();
    indefinite[n * n - 1] = -1;
    expect(await choleskyOf(indefinite, n, 0.5, plainProduct, pause)).toBeUndefined();
  }
});
