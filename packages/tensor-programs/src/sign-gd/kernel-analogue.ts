import { BadArgumentError, type NDArray, ndarray } from '@ntk-lens/core';
import { computeKernels } from '@ntk-lens/kernels';
import { BatchOrder, createOptimizer, type OptimizerName } from '@ntk-lens/subspace';
import { type LinearizationError, linearizationError } from '../linearization/linearization-error.js';
import { type ShortTraining, trainShortly } from './short-training.js';

export interface KernelAnalogueRequest extends Omit<ShortTraining, 'batchSize'> {
  readonly optimizers: readonly OptimizerName[];
}

/** A measure of how well the kernel at θ₀ predicts what single steps do to outputs. */
export interface KernelAnalogue {
  readonly optimizer: OptimizerName;
  /** Step by step. */
  readonly steps: readonly LinearizationError[];
  /** All steps and examples together. */
  readonly whole: LinearizationError;
}

/**
 * The SignGD theorem (docs/theory.md): f_t − f_{t−1} ≈ −η sign(χ_t) K^(A-SignGD)(ξ, ξ_t), with one training
 * example per step, one output f = logit₁ − logit₀ and the kernel at θ₀. The training is that of SignGD
 * itself, or of Adam.
 *
 * @throws BadArgumentError for other than two labels: the sign of a sum of gradients is no kernel
 */
export const measureKernelAnalogue = async ({
  optimizers,
  ...request
}: KernelAnalogueRequest): Promise<readonly KernelAnalogue[]> => {
  const { space, runtime, labelWordIds, train, examples, learningRate, steps, seed, memory, signal } =
    request;
  if (labelWordIds.length !== 2)
    throw new BadArgumentError('labelWordIds', `${labelWordIds.length} labels`, 'two');
  const order = new BatchOrder(train.examples.length, 1, seed);
  const visited = Array.from({ length: steps }, (_, k) => order.batch(k)[0]!);
  const { test } = await computeKernels({
    ...space.kernel,
    ...{ runtime, labelWordIds, formula: 'a-signgd', binary: true, memory },
    train: visited.map((i) => train.examples[i]!),
    queries: { test: examples },
    // A tied decoder is one variable with the embeddings in training.
    tied: space.config.tieWordEmbeddings && space.kernel.projection === undefined,
    signal,
  });
  const m = examples.length;
  const predicted = visited.map((i, k) =>
    test!.kernel.data
      .subarray(k * m, (k + 1) * m)
      // χ is negative for label 1 and positive for label 0.
      .map((x) => learningRate * (train.labels[i] === 1 ? x : -x)),
  );
  const results: KernelAnalogue[] = [];
  for (const name of optimizers) {
    const outputs: Float64Array[] = [];
    const look = async (logits: Promise<NDArray<'float64'>>) => {
      const { data } = await logits;
      outputs.push(Float64Array.from({ length: m }, (_, j) => data[2 * j + 1]! - data[2 * j]!));
    };
    await trainShortly(
      { ...request, batchSize: 1 },
      createOptimizer({ name }),
      (trainer) => look(trainer.logits(examples)),
      (trainer) => look(trainer.logits(examples)),
    );
    const errorOf = (from: number, to: number): LinearizationError => {
      const column = (rows: readonly Float64Array[]) => {
        const data = Float64Array.from(rows.flatMap((row) => [...row]));
        return ndarray<'float64'>(data, [data.length, 1]);
      };
      return linearizationError({
        start: column(outputs.slice(from, to)),
        end: column(outputs.slice(from + 1, to + 1)),
        derivative: column(predicted.slice(from, to)),
      });
    };
    results.push({
      optimizer: name,
      steps: visited.map((_, k) => errorOf(k, k + 1)),
      whole: errorOf(0, steps),
    });
  }
  return results;
};
