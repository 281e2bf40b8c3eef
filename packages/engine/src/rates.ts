import { ndarray, throwIfCancelled } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import { TERNARY_SCALE, ternary, ternaryGram } from './operations/signs.js';
import type { Program } from './program.js';
import type { Resident, Runtime } from './runtime.js';

/** Rows and columns of the matrices that are multiplied, as wide as those of RoBERTa-base. */
const RATE_SIZE = 768;

const ENOUGH_SECONDS = 0.3;
const MOST_REPETITIONS = 8;

export interface RateOptions {
  readonly size?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Best of a few runs of `program`, in operations per second; `operations` is what one run does. */
const measure = async (
  runtime: Runtime,
  program: Program,
  inputs: Readonly<Record<string, Resident>>,
  operations: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly rate: number; readonly seconds: number }> => {
  let best = Number.POSITIVE_INFINITY;
  let spent = 0;
  for (let i = 0; i < MOST_REPETITIONS && (i < 2 || spent < ENOUGH_SECONDS); i++) {
    throwIfCancelled(signal, 'Measuring runtimes');
    const start = performance.now();
    await runtime.compute(program, inputs);
    const seconds = (performance.now() - start) / 1000;
    best = Math.min(best, seconds);
    // The first run compiles.
    if (i > 0) spent += seconds;
  }
  return { rate: operations / best, seconds: best };
};

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
    const one = await measure(runtime, products(size, 1), inputs, 2 * size ** 3, signal);
    // A product that is over in a moment is hidden by the call around it: do many in one call.
    if (one.seconds > 0.01) return one.rate / 1e9;
    const many = await measure(runtime, products(size, 16), inputs, 16 * 2 * size ** 3, signal);
    return Math.max(one.rate, many.rate) / 1e9;
  } finally {
    runtime.release(Object.values(inputs));
  }
};

const toTernary = (n: number): Program => ({
  name: 'ternary matrices',
  inputs: { x: { dtype: 'float32', shape: [n, n] } },
  build: ({ x }) => ({ signs: ternary(tf.mul(x!, TERNARY_SCALE)) }),
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
    return (await measure(runtime, grams(size), inputs, 2 * size ** 3, signal)).rate / 1e9;
  } finally {
    runtime.release(used);
  }
};
