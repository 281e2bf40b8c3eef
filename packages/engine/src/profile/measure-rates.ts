import { type NDArray, ndarray } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import { ternary, ternaryGram } from '../operations/signs.js';
import type { Program, TensorSpec } from '../program.js';
import type { Resident, Runtime } from '../runtime.js';
import { countWork } from '../trace/count-work.js';
import { trace } from '../trace/trace.js';
import type { MachineRates } from './machine-profile.js';
import { usualOf } from './time-runs.js';

/** Sizes of the programs that are measured. */
export interface RateSizes {
  readonly examples: number;
  /** Tokens of an example. */
  readonly tokens: number;
  /** Sides of a piece of its gradient, and of the smaller side of a product. */
  readonly rows: number;
  readonly width: number;
  /** Tokens of a batch, and outputs of its widest product. */
  readonly batch: number;
  readonly wide: number;
  /** Bytes that are touched for the first time. */
  readonly pages: number;
}

/** As kernels of RoBERTa-base have them. */
const usualSizes: RateSizes = {
  ...{ examples: 64, tokens: 40, rows: 128, width: 768, batch: 640, wide: 3072 },
  pages: 64 * 2 ** 20,
};

const float = (...shape: number[]): TensorSpec => ({ dtype: 'float32', shape });

/** Values of both signs and of about one size. */
const values = (shape: readonly number[]): NDArray<'float32'> => {
  const size = shape.reduce((product, n) => product * n, 1);
  return ndarray<'float32'>(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * (i + 1))),
    [...shape],
  );
};

const programsOf = ({ examples, tokens, rows, width, batch, wide }: RateSizes) => {
  const factors = { a: float(examples, tokens, width), b: float(examples, tokens, rows) };
  /** Gradients of examples, formed from their tokens: `[n, rows · width]`. */
  const formed = (b: tf.Tensor, a: tf.Tensor): tf.Tensor =>
    tf.matMul(b, a, true).reshape([examples, rows * width]);
  return {
    products: {
      name: 'products of a batch',
      inputs: { x: float(batch, width), up: float(width, wide), down: float(wide, width) },
      build: ({ x, up, down }) => {
        let y = x!;
        for (let i = 0; i < 4; i++)
          y = tf.matMul(tf.matMul(y as tf.Tensor2D, up as tf.Tensor2D), down as tf.Tensor2D);
        return { sum: tf.sum(y) };
      },
    },
    thinProducts: {
      name: 'gradients and their products',
      inputs: factors,
      build: ({ a, b }) => {
        const gradients = formed(b!, a!);
        return { gram: tf.matMul(gradients as tf.Tensor2D, gradients as tf.Tensor2D, false, true) };
      },
    },
    toSigns: {
      name: 'signs of gradients',
      inputs: factors,
      build: ({ a, b }) => ({ signs: ternary(formed(b!, a!)) }),
    },
    integerProducts: {
      name: 'products of signs',
      inputs: { signs: { dtype: 'ternary', shape: [examples, rows * width] } },
      build: ({ signs }) => ({ gram: ternaryGram(signs!, signs!) }),
    },
    /**
     * The derivative of a feed-forward block. Its passes come between products, as they do in programs: weights have pushed
     * activations out of the caches then.
     */
    block: {
      name: 'derivative of a block',
      inputs: {
        ...{ x: float(batch / tokens, tokens, width), dy: float(batch / tokens, tokens, width) },
        ...{ up: float(width, wide), down: float(wide, width) },
      },
      build: ({ x, dy, up, down }) => {
        const normalized = (z: tf.Tensor) => {
          const centred = z.sub(z.mean(-1, true));
          return centred.div(centred.square().mean(-1, true).add(1e-5).sqrt());
        };
        const gelu = (z: tf.Tensor) => z.mul(0.5).mul(z.mul(Math.SQRT1_2).erf().add(1));
        const linear = (z: tf.Tensor, w: tf.Tensor) =>
          tf.matMul(z.reshape([batch, w.shape[0]!]), w as tf.Tensor2D);
        const block = (z: tf.Tensor) => {
          const wider = linear(normalized(z), up!).reshape([batch / tokens, tokens, wide]);
          return z.add(linear(gelu(wider), down!).reshape(z.shape));
        };
        return { dx: tf.grad(block)(x!, dy!) };
      },
    },
  } satisfies Record<string, Program>;
};

const nothing: Program = {
  name: 'nothing much',
  inputs: { x: float(2, 2) },
  build: ({ x }) => ({ y: x!.add(1) }),
};
const RUNS = 50;

/** Bytes per second of new pages that one thread touches. */
const newPagesRate = async (bytes: number, signal: AbortSignal | undefined): Promise<number> => {
  let memory = new Float32Array(0);
  const fresh = await usualOf(async () => {
    memory = new Float32Array(bytes / 4).fill(1);
  }, signal);
  const again = await usualOf(async () => memory.fill(2), signal);
  return bytes / Math.max(fresh - again, 0.1 * fresh);
};

/**
 * Measures the rates of a runtime, by small programs like those of kernels. It takes a few seconds on a processor that does
 * nothing else; on one that does, rates are lower, as those of kernels are.
 *
 * @throws CancelledError
 */
export const measureRates = async (
  runtime: Runtime,
  signal?: AbortSignal | undefined,
  sizes: RateSizes = usualSizes,
): Promise<MachineRates> => {
  const programs = programsOf(sizes);
  const held: Resident[] = [];
  /** Seconds of a program with values of its own. */
  const seconds = async (program: Program, given?: Readonly<Record<string, Resident>>): Promise<number> => {
    const inputs: Record<string, Resident> = { ...given };
    for (const [name, { shape }] of given ? [] : Object.entries(program.inputs)) {
      inputs[name] = await runtime.upload(values(shape));
      held.push(inputs[name]);
    }
    return usualOf(async () => runtime.release(Object.values(await runtime.run(program, inputs))), signal);
  };
  /** Seconds of the first run of a program; its other runs are much shorter. */
  const firstRun = async (program: Program): Promise<number> => {
    const inputs: Record<string, Resident> = {};
    for (const [name, { shape }] of Object.entries(program.inputs)) {
      inputs[name] = await runtime.upload(values(shape));
      held.push(inputs[name]);
    }
    return usualOf(async () => runtime.release(Object.values(await runtime.run(program, inputs))), signal, 1);
  };
  try {
    const x = await runtime.upload(values([2, 2]));
    held.push(x);
    const secondsPerRun =
      (await usualOf(async () => {
        for (let i = 0; i < RUNS; i++) runtime.release(Object.values(await runtime.run(nothing, { x })));
      }, signal)) / RUNS;
    const work = async (program: Program, amount: number, given?: Readonly<Record<string, Resident>>) =>
      amount / Math.max((await seconds(program, given)) - secondsPerRun, 1e-6);
    const factors: Record<string, Resident> = {};
    for (const [name, { shape }] of Object.entries(programs.toSigns.inputs)) {
      factors[name] = await runtime.upload(values(shape));
      held.push(factors[name]);
    }
    const { signs } = await runtime.run(programs.toSigns, factors);
    held.push(signs!);
    const { products, thinProducts, integerProducts, block } = programs;
    const signProducts = 2 * sizes.examples ** 2 * sizes.rows * sizes.width;
    const productRate = await work(products, countWork(trace(products)).flops);
    const { flops, bytes, productBytes } = countWork(trace(block));
    const ofBlock = await seconds(block);
    return {
      products: productRate,
      thinProducts: await work(thinProducts, countWork(trace(thinProducts)).flops, factors),
      integerProducts: await work(integerProducts, signProducts, { signs: signs! }),
      passes: (bytes - productBytes) / Math.max(ofBlock - flops / productRate - secondsPerRun, 0.1 * ofBlock),
      newPages: (await newPagesRate(sizes.pages, signal)) * runtime.info.threads,
      secondsPerRun,
      // It comes last, when the code that traces programs is warm; one example is computed in no time.
      secondsPerProgram: await firstRun(programsOf({ ...sizes, batch: sizes.tokens }).block),
    };
  } finally {
    runtime.release(held);
  }
};
