import { ndarray } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import { ternary, ternaryGram } from '../operations/signs.js';
import type { Program } from '../program.js';
import type { Resident, Runtime } from '../runtime.js';
import { bestOf } from './time-runs.js';

/** Rows and columns of the matrices that are multiplied, as wide as those of RoBERTa-base. */
const RATE_SIZE = 768;

export interface RateOptions {
  readonly size?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Values of both signs whose products stay of the same size, however many are multiplied. */
const matrix = (n: number, seed: number) =>
  ndarray<'float32'>(
    Float32Array.from({ length: n * n }, (_, i) => Math.sin((i + 1) * seed) / Math.sqrt(n)),
    [n, n],
  );

const products = (n: number, count: number): Program => ({
  name: `${count} matrix products`,
  inputs: { a: { dtype: 'float32', shape: [n, n] }, b: { dtype: 'float32', shape: [n, n] } },
  build: ({ a, b }) => {
    let product = a!;
    for (let i = 0; i < count; i++) product = tf.matMul(product as tf.Tensor2D, b as tf.Tensor2D);
    // A number to wait for, so that what a device does in the background is counted.
    return { sum: tf.sum(product) };
  },
});

/**
 * Rate of float32 matrix products in GFLOP/s, a multiplication and an addition counted as two.
 *
 * @example
 * ```ts
 * const gflops = await gemmRate(await createRuntime({ runtime: 'ort-cpu' }));
 * ```
 */
export const gemmRate = async (
  runtime: Runtime,
  { size = RATE_SIZE, signal }: RateOptions = {},
): Promise<number> => {
  const inputs = {
    a: await runtime.upload(matrix(size, 1.7)),
    b: await runtime.upload(matrix(size, 0.9)),
  };
  try {
    const rate = async (count: number) => {
      const program = products(size, count);
      const seconds = await bestOf(() => runtime.compute(program, inputs), signal);
      return { seconds, gflops: (count * 2 * size ** 3) / seconds / 1e9 };
    };
    const one = await rate(1);
    // A product that is over in a moment is hidden by the call around it: do many in one call.
    return one.seconds > 0.01 ? one.gflops : Math.max(one.gflops, (await rate(16)).gflops);
  } finally {
    runtime.release(Object.values(inputs));
  }
};

const toTernary = (n: number): Program => ({
  name: 'ternary matrices',
  inputs: { x: { dtype: 'float32', shape: [n, n] } },
  build: ({ x }) => ({ signs: ternary(x!) }),
});

const grams = (n: number): Program => ({
  name: 'ternary Gram matrix',
  inputs: { a: { dtype: 'ternary', shape: [n, n] }, b: { dtype: 'ternary', shape: [n, n] } },
  build: ({ a, b }) => ({ sum: tf.sum(ternaryGram(a!, b!)) }),
});

/** Rate of Gram matrices of signs in 10⁹ operations per second, counted as in {@link gemmRate}. */
export const ternaryGramRate = async (
  runtime: Runtime,
  { size = RATE_SIZE, signal }: RateOptions = {},
): Promise<number> => {
  const used: Resident[] = [];
  try {
    const inputs: Record<string, Resident> = {};
    for (const [name, seed] of [
      ['a', 1.7],
      ['b', 0.9],
    ] as const) {
      const x = await runtime.upload(matrix(size, seed));
      used.push(x);
      const { signs } = await runtime.run(toTernary(size), { x });
      used.push(signs!);
      inputs[name] = signs!;
    }
    const program = grams(size);
    return (2 * size ** 3) / (await bestOf(() => runtime.compute(program, inputs), signal)) / 1e9;
  } finally {
    runtime.release(used);
  }
};
