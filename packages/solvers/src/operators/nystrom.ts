import { columnOf, fromColumns, type LinearOperator, type LongTaskOptions, Mt19937 } from '@ntk-lens/core';
import { decomposeSymmetric, eigenvectorsOf } from '../linalg/symmetric-eigen.js';
import { addScaled, combine, inner, orthonormal } from './columns.js';

/** Directions of a sketch whose eigenvalue is smaller than this share of the largest are rounding of float32. */
const roundingFloor = 1e-7;

/** The largest part of a positive semidefinite operator, K ≈ U Λ Uᵀ. */
export interface NystromApproximation {
  /** Orthonormal vectors U, those of the largest values first. */
  readonly vectors: readonly Float64Array[];
  /** Λ, descending. */
  readonly values: Float64Array;
}

/** A vector of independent standard normal numbers. */
export const normalVector = (random: Mt19937, size: number): Float64Array =>
  Float64Array.from({ length: size }, () => random.standardNormal());

/** Eigenvectors of a small symmetric matrix with their eigenvalues, the largest first. */
export const principal = async (gram: Float64Array, r: number, options: LongTaskOptions) => {
  const eigen = await decomposeSymmetric(gram, r, options);
  const rows = await eigenvectorsOf(eigen, options);
  return Array.from({ length: r }, (_, k) => {
    const at = r - 1 - k;
    return { value: eigen.values[at]!, weights: rows.subarray(at * r, (at + 1) * r) };
  });
};

/** The symmetric part of Lᵀ R. */
export const gramOf = (left: readonly Float64Array[], right: readonly Float64Array[]): Float64Array => {
  const r = left.length;
  const gram = new Float64Array(r * r);
  for (let i = 0; i < r; i++)
    for (let j = 0; j <= i; j++)
      gram[i * r + j] = gram[j * r + i] = (inner(left[i]!, right[j]!) + inner(left[j]!, right[i]!)) / 2;
  return gram;
};

/**
 * A randomized Nyström approximation (Martinsson & Tropp 2020): Y = K Ω of a random orthonormal Ω, and K ≈ Y (Ωᵀ Y)⁺ Yᵀ.
 * It takes `rank` products with K, all at once.
 *
 * @param operator symmetric and positive semidefinite
 * @throws CancelledError
 */
export const nystrom = async (
  operator: LinearOperator,
  rank: number,
  seed: number,
  options: LongTaskOptions = {},
): Promise<NystromApproximation> => {
  const [size] = operator.shape;
  const random = new Mt19937(seed);
  const omega = orthonormal(Array.from({ length: Math.min(rank, size) }, () => normalVector(random, size)));
  const product = await operator.matmat(fromColumns(omega), options);
  const y = omega.map((_, j) => columnOf(product, j));
  const core = await principal(gramOf(omega, y), y.length, options);
  const floor = roundingFloor * Math.max(0, core[0]?.value ?? 0);
  // B with K ≈ B Bᵀ.
  const b = core
    .filter(({ value }) => value > floor)
    .map(({ value, weights }) =>
      combine(
        y,
        weights.map((w) => w / Math.sqrt(value)),
        size,
      ),
    );
  if (b.length === 0) return { vectors: [], values: new Float64Array(0) };
  const found = await principal(gramOf(b, b), b.length, options);
  return {
    vectors: found.map(({ value, weights }) =>
      combine(
        b,
        weights.map((w) => w / Math.sqrt(value)),
        size,
      ),
    ),
    values: Float64Array.from(found, ({ value }) => value),
  };
};

/**
 * P⁻¹ x of the preconditioner that a Nyström approximation makes for K + μ I (Frangella, Tropp & Udell 2021):
 * P⁻¹ = (λ + μ) U (Λ + μ)⁻¹ Uᵀ + (I − U Uᵀ), with λ the smallest of Λ.
 */
export const precondition = (
  { vectors, values }: NystromApproximation,
  shift: number,
  x: Float64Array,
): Float64Array => {
  const y = x.slice();
  const least = values.at(-1) ?? 0;
  for (const [k, u] of vectors.entries())
    addScaled(y, inner(u, x) * ((least + shift) / (values[k]! + shift) - 1), u);
  return y;
};
