import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { decomposeSymmetric, eigenvectorsOf } from './symmetric-eigen.js';

interface WrittenOut {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const eigenOf = async (matrix: Float64Array, n: number): Promise<WrittenOut> => {
  const eigen = await decomposeSymmetric(matrix, n);
  return { values: eigen.values, vectors: await eigenvectorsOf(eigen, {}) };
};

const random = (seed: number): (() => number) => {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
};

const gram = (n: number, rank: number, seed: number): Float64Array => {
  const next = random(seed);
  const x = Float64Array.from({ length: n * rank }, next);
  const k = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let p = 0; p < rank; p++) sum += x[i * rank + p]! * x[j * rank + p]!;
      k[i * n + j] = k[j * n + i] = sum;
    }
  }
  return k;
};

const check = (matrix: Float64Array, n: number, { values, vectors }: WrittenOut): void => {
  const norm = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!), Number.MIN_VALUE);
  let residual = 0;
  let orthogonality = 0;
  for (let k = 0; k < n; k++) {
    if (k > 0) expect(values[k]!).toBeGreaterThanOrEqual(values[k - 1]!);
    for (let i = 0; i < n; i++) {
      let product = 0;
      let inner = 0;
      for (let j = 0; j < n; j++) {
        product += matrix[i * n + j]! * vectors[k * n + j]!;
        inner += vectors[i * n + j]! * vectors[k * n + j]!;
      }
      residual = Math.max(residual, Math.abs(product - values[k]! * vectors[k * n + i]!) / norm);
      orthogonality = Math.max(orthogonality, Math.abs(inner - (i === k ? 1 : 0)));
    }
  }
  expect(residual).toBeLessThan(1e-13 * Math.sqrt(n) * 10);
  expect(orthogonality).toBeLessThan(1e-13 * Math.sqrt(n) * 10);
};

for (const [n, rank] of [
  [1, 1],
  [2, 2],
  [33, 40],
  [64, 3],
  [97, 97],
  [130, 60],
  [220, 400],
] as const) {
  test(`K v = λ v and V Vᵀ = I for a Gram matrix of size ${n} and rank at most ${rank}`, async () => {
    const k = gram(n, rank, n * 7 + rank);
    check(k, n, await eigenOf(k, n));
  });
}

test('the eigenvalues are those of ml-matrix', async () => {
  const n = 150;
  const k = gram(n, n, 3);
  const peer = new EigenvalueDecomposition(Matrix.from1DArray(n, n, k), { assumeSymmetric: true });
  const values = Float64Array.from(peer.realEigenvalues).sort();
  const own = await eigenOf(k, n);
  for (let i = 0; i < n; i++) {
    expect(Math.abs(values[i]! - own.values[i]!)).toBeLessThan(1e-12 * values[n - 1]!);
  }
});

test('hard spectra (repeated, clustered, graded, diagonal, zero, indefinite)', async () => {
  const n = 90;
  const identity = new Float64Array(n * n);
  const graded = new Float64Array(n * n);
  const glued = new Float64Array(n * n);
  const ones = new Float64Array(n * n).fill(1);
  const next = random(5);
  const indefinite = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    identity[i * n + i] = 3;
    graded[i * n + i] = 10 ** -(i / 5);
    glued[i * n + i] = Math.abs((i % 30) - 15);
    if (i + 1 < n) {
      graded[i * n + i + 1] = graded[(i + 1) * n + i] = 10 ** -(i / 5 + 1);
      const link = i % 30 === 29 ? 1e-14 : 1;
      glued[i * n + i + 1] = glued[(i + 1) * n + i] = link;
    }
    for (let j = 0; j <= i; j++) indefinite[i * n + j] = indefinite[j * n + i] = next();
  }
  for (const matrix of [identity, graded, glued, ones, indefinite, new Float64Array(n * n)]) {
    check(matrix, n, await eigenOf(matrix, n));
  }
});

test('any small symmetric matrix', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 70 }),
      fc.nat(),
      fc.integer({ min: 1, max: 5 }),
      async (n, seed, levels) => {
        const next = random(seed);
        const matrix = new Float64Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) {
            matrix[i * n + j] = matrix[j * n + i] = Math.round(next() * 2 * levels);
          }
        }
        check(matrix, n, await eigenOf(matrix, n));
      },
    ),
    { numRuns: 25 },
  );
});

test.each([5e-324, 1e-300, 1e308])('entries of %d: eigenvalues of the same matrix, scaled', async (unit) => {
  const matrix = Float64Array.of(unit, unit, unit, unit);
  const { values } = await decomposeSymmetric(matrix, 2);
  expect(values[0]! / unit).toBeCloseTo(0, 12);
  if (unit < 1e308) expect(values[1]! / unit).toBeCloseTo(2, 12);
});
