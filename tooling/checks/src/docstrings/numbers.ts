import { type KernelSplit, linearOperator, ndarray } from '@ntk-lens/core';
import { once } from './once.js';

// Kernels, scores and labels in numbers.

/** A positive definite matrix. */
export const size = 64;
export const gram = Float64Array.from({ length: size * size }, (_, i) => {
  const [row, column] = [Math.floor(i / size), i % size];
  return Math.exp(-((row - column) ** 2) / 50) + (row === column ? 0.1 : 0);
});
export const alternating = Array.from({ length: size }, (_, i) => i % 2);
export const operator = once(() =>
  linearOperator([size, size], async ({ data, shape: [, columns] }) => {
    const product = new Float64Array(data.length);
    for (let i = 0; i < size; i++)
      for (let k = 0; k < size; k++)
        for (let j = 0; j < columns!; j++)
          product[i * columns! + j]! += gram[i * size + k]! * data[k * columns! + j]!;
    return ndarray<'float64'>(product, [size, columns!]);
  }),
);
export const matrix = ndarray<'float64'>(gram, [size, size]);

/** Four training examples with one output, as `@ntk-lens/kernels` writes them. */
export const split = (
  kernel: readonly number[],
  logits: readonly number[],
  gold: readonly number[],
): KernelSplit => ({
  kernel: ndarray<'float64'>(Float64Array.from(kernel), [4, 1, gold.length, 1]),
  logits: ndarray<'float64'>(Float64Array.from(logits), [gold.length, 1]),
  labels: ndarray<'int32'>(Int32Array.from(gold), [gold.length]),
});

/** The same with ⟨∇f(train), sign ∇f(query)⟩, as the formula a-signgd has it. */
const withFlipped = (one: KernelSplit): KernelSplit => ({ ...one, flipped: one.kernel });

const train = (): KernelSplit =>
  split([2, 1, 0, 0, 1, 2, 0, 0, 0, 0, 2, 1, 0, 0, 1, 2], [-1, 0, 1, 1], [0, 0, 1, 1]);
const test = (): KernelSplit => split([1, 0, 1, 0, 0, 1, 0, 1], [0, 1], [0, 1]);
export const solved = {
  ...{ train, test },
  signedTrain: () => withFlipped(train()),
  signedTest: () => withFlipped(test()),
};
export const accuracy =
  () => (scores: { readonly data: Float64Array }, gold: { readonly data: Int32Array }) =>
    gold.data.filter((label, i) => (scores.data[2 * i + 1]! > scores.data[2 * i]! ? 1 : 0) === label).length /
    gold.data.length;
export const goldOf = (values: readonly number[]) =>
  ndarray<'int32'>(Int32Array.from(values), [values.length]);

export const states = once(() => ({
  firstTokenStates: ndarray<'float64'>(
    Float64Array.from({ length: 32 }, (_, i) => Math.sin(i)),
    [4, 8],
  ),
  labels: goldOf([1, 0, 1, 0]),
}));

/** Logits of two examples. */
export const outputs = ndarray<'float64'>(Float64Array.of(0.1, 0.2, 0.3, 0.4), [2, 2]);
