import { CancelledError, ndarray, rowsIn } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelSpectrum, topLabelSpectrum } from '../kernel/label-spectrum.js';
import { checkStoredKernel } from '../matrix-free/check-stored-kernel.js';
import { randomGram, randomVector, squareOperator } from '../testing/random-operator.js';
import { largestDifference } from '../testing/random-split.js';
import { denseOperator, rowsOperator, topSpectrum, transposed } from './index.js';

const sizes = fc.integer({ min: 1, max: 17 });

test('products with a matrix that is read in blocks of any size are those with the matrix in memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([sizes, sizes, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 600 })] as const),
      async (rows, columns, k, blockBytes) => {
        const array = ndarray<'float64'>(randomVector(rows * columns, 1), [rows, columns]);
        const [dense, read] = [denseOperator(array), rowsOperator(rowsIn(array), { blockBytes })];
        const x = ndarray<'float64'>(randomVector(columns * k, 2), [columns, k]);
        const y = ndarray<'float64'>(randomVector(rows * k, 3), [rows, k]);
        const pairs = [
          [await read.matmat(x), await dense.matmat(x)],
          [await read.rmatmat(y), await dense.rmatmat(y)],
          [await transposed(read).matmat(y), await dense.rmatmat(y)],
          [await transposed(read).toDense(), await transposed(dense).toDense()],
        ] as const;
        for (const [found, expected] of pairs) {
          expect(found.shape).toEqual(expected.shape);
          expect(largestDifference(found.data, expected.data)).toBeLessThan(1e-13);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('the top of the spectrum is that of the whole decomposition, with the labels along it', async () => {
  const size = 90;
  const gram = randomGram(size, 60, 4, 1.5);
  const labels = Array.from({ length: size }, (_, i) => i % 3);
  const whole = await labelSpectrum(gram, labels);
  const source = rowsIn(ndarray<'float64'>(gram, [size, size]));
  const operator = rowsOperator(source, { symmetric: true, blockBytes: 3000 });
  const top = await topLabelSpectrum(operator, labels, 8, { tolerance: 1e-8, passes: 12 });
  expect(top.eigenvalues).toHaveLength(8);
  for (let k = 0; k < 8; k++) {
    expect(Math.abs(top.eigenvalues[k]! - whole.eigenvalues[k]!)).toBeLessThan(1e-7 * whole.eigenvalues[0]!);
    expect(top.bounds[k]!).toBeLessThanOrEqual(1e-8 * whole.eigenvalues[0]!);
    expect(top.shares[k]!).toBeCloseTo(whole.shares[k]!, 4);
  }
  // What did not converge is left out, and not shown with a wrong value.
  const flat = await topSpectrum(squareOperator(randomGram(60, 200, 5), 60), 10, {
    passes: 2,
    tolerance: 1e-9,
  });
  expect(flat.values.length).toBeLessThan(10);
  await expect(topSpectrum(operator, 0)).rejects.toThrow(/count: found 0/);
});

test('a stored kernel is checked as one in memory: numbers, range and symmetry', async () => {
  const size = 40;
  const sourceOf = (change: (data: Float64Array) => void) => {
    const data = randomGram(size, 50, 6);
    change(data);
    return rowsIn(ndarray<'float64'>(data, [size, size]));
  };
  const check = (change: (data: Float64Array) => void) =>
    checkStoredKernel(sourceOf(change), { blockBytes: 1000 });
  await check(() => {});
  await expect(check((data) => void (data[7 * size + 3] = Number.NaN))).rejects.toThrow(
    /NaN at index \[7, 3\]/,
  );
  await expect(check((data) => void (data[7] = Number.POSITIVE_INFINITY))).rejects.toMatchObject({
    code: 'NON_FINITE_KERNEL',
  });
  await expect(check((data) => void data.fill(0))).rejects.toMatchObject({ code: 'KERNEL_RANGE' });
  const broken = check((data) => void (data[31 * size + 12]! += 1));
  await expect(broken).rejects.toMatchObject({ code: 'ASYMMETRIC_KERNEL' });
  await expect(broken).rejects.toThrow(/\((31, 12|12, 31)\)/);
});

test('a signal ends a product between two blocks', async () => {
  const operator = rowsOperator(rowsIn(ndarray<'float64'>(new Float64Array(64), [8, 8])));
  const signal = AbortSignal.abort();
  await expect(operator.matmat(ndarray(new Float64Array(8), [8, 1]), { signal })).rejects.toThrow(
    CancelledError,
  );
});
