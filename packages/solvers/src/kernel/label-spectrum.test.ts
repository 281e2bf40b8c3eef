import { expect, it } from 'vitest';
import { labelSpectrum } from './label-spectrum.js';

/** Σ_k λ_k v_k v_kᵀ for orthonormal v_k. */
const kernelOf = (values: readonly number[], vectors: readonly (readonly number[])[]): Float64Array => {
  const n = vectors[0]!.length;
  return Float64Array.from({ length: n * n }, (_, k) =>
    values.reduce((sum, value, i) => sum + value * vectors[i]![Math.floor(k / n)]! * vectors[i]![k % n]!, 0),
  );
};

const half = 0.5;
const hadamard = [
  [half, half, half, half],
  [half, half, -half, -half],
  [half, -half, half, -half],
  [half, -half, -half, half],
];

it('labels that are an eigenvector lie along it alone', async () => {
  const { eigenvalues, shares } = await labelSpectrum(kernelOf([1, 2, 8, 4], hadamard), [0, 1, 0, 1]);
  expect(Array.from(eigenvalues, Math.round)).toEqual([8, 4, 2, 1]);
  for (const [k, share] of [1, 0, 0, 0].entries()) expect(shares[k]).toBeCloseTo(share, 12);
});

it('shares add up to 1, whatever the kernel and however many labels', async () => {
  for (const n of [5, 70]) {
    const factors = Float64Array.from({ length: n * n }, (_, k) => Math.sin(k * k + n));
    const gram = Float64Array.from({ length: n * n }, (_, k) => {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += factors[Math.floor(k / n) * n + j]! * factors[(k % n) * n + j]!;
      return sum;
    });
    const { shares, eigenvalues } = await labelSpectrum(
      gram,
      Array.from({ length: n }, (_, i) => i % 3),
    );
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
    const trace = Array.from({ length: n }, (_, i) => gram[i * (n + 1)]!).reduce((a, b) => a + b, 0);
    expect(eigenvalues.reduce((a, b) => a + b, 0) / trace).toBeCloseTo(1, 10);
  }
});

it('one label alone has no share, and another number of labels is refused', async () => {
  const { shares } = await labelSpectrum(kernelOf([1, 2, 8, 4], hadamard), [7, 7, 7, 7]);
  expect(Array.from(shares)).toEqual([0, 0, 0, 0]);
  await expect(labelSpectrum(new Float64Array(4), [0])).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
});
