import { availableParallelism } from 'node:os';
import type { AddProduct, MatrixProduct } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openFloat64Products as openInPage } from '../web/float64-products.js';
import { openFloat64Products } from './float64-products.js';

const naive: AddProduct = async ({ c, a, b, rows, columns, depth, alpha, transposeB }) => {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let p = 0; p < depth; p++) {
        sum += a[i * depth + p]! * b[transposeB ? j * depth + p : p * columns + j]!;
      }
      c[i * columns + j]! += alpha * sum;
    }
  }
};

/** Parts of longer arrays, as blocked factorizations hand them in. */
const sample = (rows: number, columns: number, depth: number, seed: number) => {
  const part = (length: number, phase: number): Float64Array =>
    Float64Array.from({ length: length + 7 }, (_, i) => Math.sin((i + 1) * phase * (seed + 1))).subarray(7);
  return { c: part(rows * columns, 0.7), a: part(rows * depth, 1.3), b: part(columns * depth, 2.1) };
};

test('products are those of three loops, added in place, for parts of arrays of any size', async () => {
  const addProduct = (await openFloat64Products())!;
  const size = fc.integer({ min: 0, max: 40 });
  const yes = fc.boolean();
  await fc.assert(
    fc.asyncProperty(size, size, size, fc.nat(100), yes, yes, async (...drawn) => {
      const [rows, columns, depth, seed, transposeB, isSum] = drawn;
      const { c, a, b } = sample(rows, columns, depth, seed);
      const ways = { alpha: isSum ? 1 : -1, transposeB } as const;
      const product = { a, b, rows, columns, depth, ...ways };
      const expected = c.slice();
      await naive({ ...product, c: expected });
      await addProduct({ ...product, c });
      for (const [i, value] of c.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-13);
    }),
    { numRuns: 40 },
  );
});

test('the same number of threads gives the same bits', async () => {
  const threads = Math.min(2, availableParallelism());
  const results: Float64Array[] = [];
  for (let run = 0; run < 2; run++) {
    const addProduct = (await openFloat64Products(threads))!;
    const { c, a, b } = sample(130, 70, 300, 1);
    await addProduct({ c, a, b, rows: 130, columns: 70, depth: 300, alpha: 1, transposeB: true });
    results.push(c);
  }
  expect(results[0]).toEqual(results[1]);
});

test('arrays of other sizes than they are said to have are refused by name', async () => {
  const addProduct = (await openFloat64Products(1))!;
  const { c, a, b } = sample(3, 4, 5, 1);
  const wrong: MatrixProduct = { c, a, b, rows: 3, columns: 4, depth: 6, alpha: 1, transposeB: true };
  await expect(addProduct(wrong)).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
});

test('threads must be a positive integer, and a page has none', async () => {
  await expect(openFloat64Products(0)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  expect(await openInPage()).toBeUndefined();
});
