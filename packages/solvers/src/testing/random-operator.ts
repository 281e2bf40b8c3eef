import { ndarray } from '@ntk-lens/core';
import { denseOperator } from '../operators/index.js';
import { randomNumbers } from './random-split.js';

/** F Fᵀ of random features, `[size, size]`, with those of higher index smaller: eigenvalues fall as those of kernels do. */
export const randomGram = (size: number, features: number, seed: number, decay = 0): Float64Array => {
  const next = randomNumbers(seed);
  const f = Float64Array.from({ length: size * features }, (_, i) => next() / (1 + (i % features)) ** decay);
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++)
      for (let p = 0; p < features; p++) gram[i * size + j]! += f[i * features + p]! * f[j * features + p]!;
  return gram;
};

/** The operator of a square matrix. */
export const squareOperator = (matrix: Float64Array, size: number) =>
  denseOperator(ndarray<'float64'>(matrix, [size, size]));

export const randomVector = (size: number, seed: number): Float64Array =>
  Float64Array.from({ length: size }, randomNumbers(seed));
