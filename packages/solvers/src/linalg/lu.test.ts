import { LuDecomposition, Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { largestDifference, randomNumbers } from '../testing/random-split.js';
import { plainProduct } from './add-product.js';
import { type LuFactors, luOf, luSolve } from './lu.js';
import { makePause } from './pause.js';
import { multiply } from './products.js';

const pause = makePause({}, 'test');

/** L and U in one row-major array. */
const whole = ({ panels, order }: LuFactors): Float64Array => {
  const n = order.length;
  const all = new Float64Array(n * n);
  let from = 0;
  for (const a of panels) {
    const width = a.length / n;
    for (let i = 0; i < n; i++) all.set(a.subarray(i * width, (i + 1) * width), i * n + from);
    from += width;
  }
  return all;
};

test('LU solves systems around its panel size that need their pivots, as ml-matrix does', async () => {
  const next = randomNumbers(4);
  for (const n of [1, 2, 63, 64, 65, 129, 150]) {
    const a = Float64Array.from({ length: n * n }, next);
    // Without a row exchange the first step would divide by zero.
    if (n > 1) a[0] = 0;
    const x = Float64Array.from({ length: n }, next);
    const right = multiply(a, n, n, x);
    const factors = (await luOf(a, n, plainProduct, pause))!;
    expect(largestDifference(luSolve(factors, right), x)).toBeLessThan(1e-9);
    const peer = new LuDecomposition(Matrix.from1DArray(n, n, a));
    expect([...factors.order]).toEqual(peer.pivotPermutationVector);
    const both = Matrix.add(peer.lowerTriangularMatrix, peer.upperTriangularMatrix).sub(Matrix.eye(n));
    expect(largestDifference(whole(factors), Float64Array.from(both.to1DArray()))).toBeLessThan(1e-10);
  }
});

test('a matrix with a column of zeros has no LU factors', async () => {
  const n = 70;
  const a = Float64Array.from({ length: n * n }, (_, i) => (i % n === 66 ? 0 : Math.sin(i * i)));
  expect(await luOf(a, n, plainProduct, pause)).toBeUndefined();
});
