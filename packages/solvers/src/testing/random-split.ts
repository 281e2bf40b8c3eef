import { type KernelSplit, ndarray } from '@ntk-lens/core';

/** Uniform numbers in [−½, ½), the same for the same seed. */
export const randomNumbers = (seed: number): (() => number) => {
  let state = (seed >>> 0) + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
};

export interface RandomProblem {
  readonly train: KernelSplit;
  readonly test: KernelSplit;
  /** K(q, c, q, c) of the test queries. */
  readonly prior: Float64Array;
  /** Gradient features φ of the train and test rows, `[rows, features]`. */
  readonly trainFeatures: Float64Array;
  readonly testFeatures: Float64Array;
  readonly features: number;
}

export interface RandomShape {
  readonly examples: number;
  readonly logits: number;
  readonly queries: number;
  readonly features: number;
  readonly seed: number;
}

const inner = (a: Float64Array, b: Float64Array, features: number): Float64Array => {
  const rows = a.length / features;
  const columns = b.length / features;
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let p = 0; p < features; p++) out[i * columns + j]! += a[i * features + p]! * b[j * features + p]!;
    }
  }
  return out;
};

/** Splits of a linear model f = φ(x)·θ: every kernel is a Gram matrix of its features; all classes occur. */
export const randomProblem = ({ examples, logits, queries, features, seed }: RandomShape): RandomProblem => {
  const next = randomNumbers(seed);
  const trainFeatures = Float64Array.from({ length: examples * logits * features }, next);
  const testFeatures = Float64Array.from({ length: queries * logits * features }, next);
  const classes = Math.max(2, logits);
  const split = (features_: Float64Array, count: number): KernelSplit => ({
    kernel: ndarray<'float64'>(inner(trainFeatures, features_, features), [examples, logits, count, logits]),
    logits: ndarray<'float64'>(Float64Array.from({ length: count * logits }, next), [count, logits]),
    labels: ndarray<'int32'>(
      Int32Array.from({ length: count }, (_, i) => (i < classes ? i : Math.floor((next() + 0.5) * classes))),
      [count],
    ),
  });
  const own = inner(testFeatures, testFeatures, features);
  const rows = queries * logits;
  return {
    train: split(trainFeatures, examples),
    test: split(testFeatures, queries),
    prior: Float64Array.from({ length: rows }, (_, k) => own[k * (rows + 1)]!),
    trainFeatures,
    testFeatures,
    features,
  };
};

/** Largest difference between two lists of the same length. */
export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
};

/** The split without one of its training and query examples. */
export const withoutExample = (split: KernelSplit, drop: number): KernelSplit => {
  const [examples = 0, logits = 0] = split.kernel.shape;
  const kept = Array.from({ length: examples }, (_, i) => i).filter((i) => i !== drop);
  const rows = kept.flatMap((i) => Array.from({ length: logits }, (_, c) => i * logits + c));
  const size = examples * logits;
  return {
    kernel: ndarray<'float64'>(
      Float64Array.from(rows.flatMap((r) => rows.map((q) => split.kernel.data[r * size + q]!))),
      [examples - 1, logits, examples - 1, logits],
    ),
    logits: ndarray<'float64'>(
      Float64Array.from(rows, (r) => split.logits.data[r]!),
      [examples - 1, logits],
    ),
    labels: ndarray<'int32'>(
      Int32Array.from(kept, (i) => split.labels.data[i]!),
      [examples - 1],
    ),
  };
};

/** The dropped example as the only query of the others. */
export const onlyExample = (split: KernelSplit, query: number): KernelSplit => {
  const [examples = 0, logits = 0] = split.kernel.shape;
  const size = examples * logits;
  const rows = Array.from({ length: size }, (_, r) => r).filter((r) => Math.floor(r / logits) !== query);
  const columns = Array.from({ length: logits }, (_, c) => query * logits + c);
  return {
    kernel: ndarray<'float64'>(
      Float64Array.from(rows.flatMap((r) => columns.map((q) => split.kernel.data[r * size + q]!))),
      [examples - 1, logits, 1, logits],
    ),
    logits: ndarray<'float64'>(
      Float64Array.from(columns, (q) => split.logits.data[q]!),
      [1, logits],
    ),
    labels: ndarray<'int32'>(Int32Array.of(split.labels.data[query]!), [1]),
  };
};
