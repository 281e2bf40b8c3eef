import { LuDecomposition, Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { largestDifference, randomNumbers } from '../testing/random-split.js';
import { luInPlace, luSolve } from './lu.js';
import { makePause } from './pause.js';
import { multiply } from './products.js';

const pause = makePause({}, 'test');

test('LU solves systems around its panel size that need their pivots, as ml-matrix does', async () => {
  const next = randomNumbers(4);
  for (const n of [1, 2, 63, 64, 65, 129, 150]) {
    const a = Float64Array.from({ length: n * n }, next);
    // Without a row exchange the first step would divide by zero.
    if (n > 1) a[0] = 0;
    const x = Float64Array.from({ length: n }, next);
    const right = multiply(a, n, n, x);
    const factors = (await luInPlace(a.slice(), n, pause))!;
    expect(largestDifference(luSolve(factors, right), x)).toBeLessThan(1e-9);
    const peer = new LuDecomposition(Matrix.from1DArray(n, n, a));
    expect([...factors.order]).toEqual(peer.pivotPermutationVector);
    const both = Matrix.add(peer.lowerTriangularMatrix, peer.upperTriangularMatrix).sub(Matrix.eye(n));
    expect(largestDifference(factors.factors, Float64Array.from(both.to1DArray()))).toBeLessThan(1e-10);
  }
});

test('a matrix with a column of zeros has no LU factors', async () => {
  const n = 70;
  const a = Float64Array.from({ length: n * n }, (_, i) => (i % n === 66 ? 0 : Math.sin(i * i)));
  expect(await luInPlace(a, n, pause)).toBeUndefined();
});
