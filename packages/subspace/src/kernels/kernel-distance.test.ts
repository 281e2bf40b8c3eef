import { BadArgumentError, Mt19937, type NDArray, ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { johnsonLindenstraussBound } from './johnson-lindenstrauss.js';
import { kernelDistance } from './kernel-distance.js';

const gram = (rows: readonly (readonly number[])[]): NDArray<'float64'> => {
  const n = rows.length;
  const data = rows.flatMap((x) => rows.map((y) => x.reduce((sum, value, k) => sum + value * y[k]!, 0)));
  return ndarray(Float64Array.from(data), [n, 1, n, 1]);
};

const normals = (random: Mt19937, rows: number, columns: number) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.standardNormal()));

test('a multiple of a kernel is at distance 0, with the inverse as scale', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      (seed, c) => {
        const kernel = gram(normals(new Mt19937(seed), 5, 4));
        const scaled = { ...kernel, data: kernel.data.map((x) => c * x) };
        const { scale, relative, cosine, worst } = kernelDistance(scaled, kernel);
        expect(scale * c).toBeCloseTo(1, 10);
        expect(relative).toBeLessThan(1e-7);
        expect(cosine).toBeCloseTo(1, 10);
        expect(worst).toBeLessThan(1e-7);
      },
    ),
  );
});

test('no other scale is nearer, and relative is the sine of the angle', () => {
  const random = new Mt19937(3);
  const [a, b] = [gram(normals(random, 6, 9)), gram(normals(random, 6, 9))];
  const { scale, relative, cosine } = kernelDistance(a, b);
  expect(relative ** 2 + cosine ** 2).toBeCloseTo(1, 12);
  const at = (s: number) => a.data.reduce((sum, x, i) => sum + (s * x - b.data[i]!) ** 2, 0);
  expect(at(scale)).toBeLessThan(Math.min(at(1.01 * scale), at(0.99 * scale)));
});

test('kernels that do not compare are refused', () => {
  const kernel = gram([[1], [2]]);
  expect(() => kernelDistance(gram([[1]]), kernel)).toThrow(BadArgumentError);
  expect(() => kernelDistance(gram([[0], [0]]), kernel)).toThrow(/non-zero/);
});

test('the bound holds for Gaussian projections, shrinks with k and grows with n', () => {
  const random = new Mt19937(5);
  const [n, D, k] = [12, 60, 400];
  const epsilon = johnsonLindenstraussBound({ dimension: k, vectors: n })!;
  let failures = 0;
  for (let draw = 0; draw < 20; draw++) {
    const rows = normals(random, n, D);
    const projection = normals(random, D, k);
    const projected = rows.map((row) =>
      Array.from(
        { length: k },
        (_, j) => row.reduce((sum, x, i) => sum + x * projection[i]![j]!, 0) / Math.sqrt(k),
      ),
    );
    const [full, sub] = [gram(rows), gram(projected)];
    let worst = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const size = Math.sqrt(full.data[i * n + i]! * full.data[j * n + j]!);
        worst = Math.max(worst, Math.abs(sub.data[i * n + j]! - full.data[i * n + j]!) / size);
      }
    }
    if (worst > epsilon) failures++;
  }
  expect(failures).toBeLessThanOrEqual(1);
  expect(johnsonLindenstraussBound({ dimension: 2 * k, vectors: n })!).toBeLessThan(epsilon);
  expect(johnsonLindenstraussBound({ dimension: k, vectors: 10 * n })!).toBeGreaterThan(epsilon);
  expect(johnsonLindenstraussBound({ dimension: 10, vectors: n })).toBeUndefined();
  expect(() => johnsonLindenstraussBound({ dimension: 0, vectors: 1 })).toThrow(BadArgumentError);
});
