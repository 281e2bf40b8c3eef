import { Mt19937 } from '@ntk-lens/core';
import type { AbcAssignment } from '../abc-assignment.js';
import { updateRule } from '../abc-optimizers.js';

/** Float64, row by row. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export interface TrainPerceptronOptions {
  readonly assignment: AbcAssignment;
  readonly width: number;
  readonly seed: number;
  readonly steps: number;
  /** η before the width factor n^(−c). */
  readonly rate: number;
  /** χ of every step, before nothing else: the loss is χ f. Default: −1, so that f is to grow. */
  readonly chi?: number;
}

/** Root mean squares over neurons, and f, before and after training. */
export interface PerceptronSizes {
  readonly initialLogit: number;
  readonly logits: readonly number[];
  readonly logitChange: number;
  /** Sizes of h_l, by hidden layer. */
  readonly activations: readonly number[];
  /** Sizes of h_l(θ_T) − h_l(θ₀), by hidden layer. */
  readonly changes: readonly number[];
}

const inputs = [0.6, -1.1, 0.9];

/**
 * Trains f = W_{L+1} tanh(… tanh(W_1 ξ)) on one example in float64, as an (a, b, c) assignment says: the definition
 * itself, to hold the symbolic exponents against. Updates are sign(g) |g|ᵖ: SGD, or sign descent for `adam`.
 */
export const trainPerceptron = (options: TrainPerceptronOptions): PerceptronSizes => {
  const { assignment, width, seed, steps, rate, chi = -1 } = options;
  const { gradientPower } = updateRule(assignment.optimizer);
  const random = new Mt19937(seed);
  const count = assignment.layers.length;
  const power = (exponent: number) => width ** -exponent;
  const w = assignment.layers.map(({ b }, l): Matrix => {
    const rows = l === count - 1 ? 1 : width;
    const columns = l === 0 ? inputs.length : width;
    const data = Float64Array.from({ length: rows * columns }, () => random.standardNormal());
    return { rows, columns, data: data.map((x) => x * power(b.valueOf())) };
  });
  const multipliers = assignment.layers.map(({ a }) => power(a.valueOf()));
  const rates = assignment.layers.map(({ c }) => rate * power(c.valueOf()));

  const forward = () => {
    const x: Float64Array[] = [Float64Array.from(inputs)];
    const h = w.map((matrix, l) => {
      const out = product(matrix, x[l]!).map((value) => value * multipliers[l]!);
      x.push(out.map(Math.tanh));
      return out;
    });
    return { x, h };
  };
  const first = forward();
  const logits = [first.h.at(-1)![0]!];
  let last = first;
  for (let step = 0; step < steps; step++) {
    let cotangent: Float64Array = Float64Array.of(chi);
    for (let l = count - 1; l >= 0; l--) {
      const scaled = cotangent.map((value) => value * multipliers[l]!);
      const below = transposed(w[l]!, scaled);
      update(w[l]!, scaled, last.x[l]!, rates[l]!, gradientPower);
      if (l > 0) cotangent = below.map((value, i) => value * (1 - last.x[l]![i]! ** 2));
    }
    last = forward();
    logits.push(last.h.at(-1)![0]!);
  }
  return {
    initialLogit: logits[0]!,
    logits,
    logitChange: logits.at(-1)! - logits[0]!,
    activations: first.h.slice(0, -1).map(rms),
    changes: last.h.slice(0, -1).map((h, l) => rms(h.map((value, i) => value - first.h[l]![i]!))),
  };
};

const rms = (x: Float64Array): number =>
  Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length);

const product = ({ rows, columns, data }: Matrix, x: Float64Array): Float64Array => {
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += data[i * columns + j]! * x[j]!;
    y[i] = sum;
  }
  return y;
};

const transposed = ({ rows, columns, data }: Matrix, g: Float64Array): Float64Array => {
  const y = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) y[j]! += data[i * columns + j]! * g[i]!;
  }
  return y;
};

const update = (
  { rows, columns, data }: Matrix,
  g: Float64Array,
  x: Float64Array,
  rate: number,
  gradientPower: number,
): void => {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const gradient = g[i]! * x[j]!;
      data[i * columns + j]! -= rate * Math.sign(gradient) * Math.abs(gradient) ** gradientPower;
    }
  }
};
