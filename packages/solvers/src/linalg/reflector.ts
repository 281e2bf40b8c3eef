/**
 * Householder's vector of `count` numbers from `start` on: (I − τ v vᵀ) x = β e₀, v₀ = 1. It takes the place of x.
 *
 * @returns [τ, β]
 */
export const reflector = (x: Float64Array, start: number, count: number): readonly [number, number] => {
  const alpha = x[start]!;
  const end = start + count;
  let largest = 0;
  for (let i = start + 1; i < end; i++) largest = Math.max(largest, Math.abs(x[i]!));
  x[start] = 1;
  if (largest === 0) return [0, alpha];
  largest = Math.max(largest, Math.abs(alpha));
  let squares = (alpha / largest) ** 2;
  for (let i = start + 1; i < end; i++) squares += (x[i]! / largest) ** 2;
  const beta = -Math.sign(alpha || 1) * largest * Math.sqrt(squares);
  const divisor = alpha - beta;
  for (let i = start + 1; i < end; i++) x[i]! /= divisor;
  return [(beta - alpha) / beta, beta];
};
