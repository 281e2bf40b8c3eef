import { BadArgumentError, Mt19937, ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { kernelChange } from './kernel-change.js';

const kernelOf = (data: ArrayLike<number>, shape = [3, 2, 3, 2]) =>
  ndarray<'float64'>(Float64Array.from(data), shape);
const random = (seed: number) => {
  const source = new Mt19937(seed);
  return Array.from({ length: 36 }, () => source.standardNormal());
};

it('is nothing for the same kernel, and |s − 1| for s times it, at cosine sign s', () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.double({ min: 0.1, max: 5, noNaN: true }),
      fc.boolean(),
      (seed, size, flip) => {
        const s = flip ? -size : size;
        const start = random(seed);
        const change = kernelChange(kernelOf(start.map((x) => s * x)), kernelOf(start));
        const expected = Math.abs(s - 1);
        for (const value of [change.elementwise, change.median, change.frobenius])
          expect(value).toBeCloseTo(expected, 9);
        expect(change.cosine).toBeCloseTo(Math.sign(s), 9);
        expect(change.centredAlignment).toBeCloseTo(Math.sign(s), 9);
      },
    ),
  );
});

it('counts entries near zero, which rule the mean and neither the median nor the floored mean', () => {
  const start = random(3).map((x, i) => (i === 5 ? 1e-9 : i === 6 ? 0 : x));
  const change = kernelChange(kernelOf(start.map((x) => x + 0.01)), kernelOf(start));
  expect(change).toMatchObject({ nearZero: 2, zero: 1, entries: 36 });
  expect(change.elementwise).toBeGreaterThan(1e5);
  expect(change.median).toBeLessThan(0.1);
  expect(change.floored).toBeLessThan(2);
});

it('centred alignment does not see what is added to all entries of a row or a column', () => {
  const start = random(4);
  const shifted = start.map((x, k) => x + 10 * Math.floor(k / 12) + (k % 2));
  const change = kernelChange(kernelOf(shifted), kernelOf(start));
  expect(change.centredAlignment).toBeCloseTo(1, 9);
  expect(change.cosine).toBeLessThan(0.5);
});

it('refuses kernels of other shapes and a start of zeros', () => {
  const start = kernelOf(random(1));
  expect(() => kernelChange(kernelOf(random(1), [6, 1, 6, 1]), start)).toThrow(BadArgumentError);
  expect(() => kernelChange(kernelOf(random(1), [36]), kernelOf(random(1), [36]))).toThrow(BadArgumentError);
  expect(() => kernelChange(start, kernelOf(new Float64Array(36)))).toThrow(/zeros/);
});
