import { type EncodedExample, Mt19937, type NDArray, ndarray } from '@ntk-lens/core';
import {
  type EagerJacobian,
  eagerJacobian,
  type LanguageModel,
  partKey,
  siteParameters,
  usedSize,
} from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { lossOf, targetsOf } from '../formulas/losses.js';
import { logitWeightsOf } from '../request/logit-weights.js';
import { kernelBlock } from './compare.js';

const ROUNDING = 2 ** -23;
const EPS = 1e-8;

/** A choice of training examples among a few, with labels. */
export interface CalmSplit {
  /** Training examples, by number. */
  readonly train: readonly number[];
  /** The example that is left. */
  readonly query: number;
  readonly labels: readonly number[];
  /** Relative change of the Adam kernel of one example with the training examples, at most, when gradients are so moved. */
  readonly sensitivity: number;
}

/**
 * Leaves out one example and labels the others such that float32 can compute the Adam kernel well. Every gradient is
 * moved by as much as float32 rounds the largest gradient of the same parameter and logit. It takes the first way in
 * which that changes the kernel by less than `enough`, or else the one in which it changes the kernel least.
 *
 * Few ways are bad, but some are. D = 1 / (√v + ε), and √v_k can be as small as that rounding without being
 * zero. That happens where few training examples touch a coordinate (rows of words, positions and segments)
 * and their Σ_c χ_c ∂f_c/∂θ_k nearly vanishes by chance. If single ∂f_c/∂θ_k do not vanish, or those of the
 * query, such a coordinate counts much, and float32 knows little of it. Coordinates that no training example
 * touches do no harm: D is 1/ε, and is multiplied by exact zeros.
 */
export const calmSplit = async (
  model: LanguageModel,
  examples: readonly EncodedExample[],
  labelWordIds: readonly number[],
  binary: boolean,
  enough = 0,
): Promise<CalmSplit> => {
  const count = labelWordIds.length;
  const own = model.stages(labelWordIds).flatMap(({ sites }) => sites.flatMap(siteParameters));
  const moving = new Set(own.filter(({ zero }) => !zero).map(({ ref }) => partKey(ref)));
  const exact = await eagerJacobian(model, examples, labelWordIds, (ref) => moving.has(partKey(ref)));
  const moved = [1, 2].map((seed) => ({ ...exact, rows: moveRows(exact, seed) }));
  let best: CalmSplit | undefined;
  for (const query of examples.keys()) {
    const train = [...examples.keys()].filter((i) => i !== query);
    for (let code = 0; code < count ** train.length; code++) {
      const labels = train.map((_, i) => Math.floor(code / count ** i) % count);
      const way = { train, labels, count, binary };
      const kernel = adamOf(exact, way);
      const column = (array: NDArray, j: number) => kernelBlock(array, [...train.keys()], [j]);
      const changes = moved.flatMap((jacobian) => {
        const other = adamOf(jacobian, way);
        return [...examples.keys()].map((j) => relativeDifference(column(other, j), column(kernel, j)));
      });
      const sensitivity = Math.max(...changes);
      if (!best || sensitivity < best.sensitivity) best = { train, query, labels, sensitivity };
      if (sensitivity < enough) return best;
    }
  }
  if (!best) throw new Error('There are no examples.');
  return best;
};

const moveRows = ({ rows, parts }: EagerJacobian, seed: number): Float64Array[] => {
  const random = new Mt19937(seed);
  return rows.map((row) => {
    const moved = row.slice();
    let start = 0;
    for (const part of parts) {
      const end = start + usedSize(part);
      const largest = row.subarray(start, end).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      // Exact zeros stay.
      for (let k = start; k < end; k++)
        if (row[k] !== 0) moved[k]! += ROUNDING * largest * (2 * random.randomSample() - 1);
      start = end;
    }
    return moved;
  });
};

/** The Adam kernel of training examples against all, from rows of the Jacobian. */
const adamOf = (
  { rows, logits }: EagerJacobian,
  { train, labels, count, binary }: Pick<CalmSplit, 'train' | 'labels'> & { count: number; binary: boolean },
): NDArray<'float64'> => {
  const combine = (i: number, by: ArrayLike<number>) => {
    const sum = new Float64Array(rows[0]!.length);
    for (let c = 0; c < count; c++) {
      const row = rows[i * count + c]!;
      const factor = by[c]!;
      for (let k = 0; k < sum.length; k++) sum[k]! += factor * row[k]!;
    }
    return sum;
  };
  const f = ndarray<'float64'>(
    Float64Array.from(train.flatMap((i) => [...logits.subarray(i * count, (i + 1) * count)])),
    [train.length, count],
  );
  const { cotangent: chi } = lossOf('cross-entropy', f, targetsOf(labels, count));
  const d = new Float64Array(rows[0]!.length);
  for (const [i, example] of train.entries()) {
    const gradient = combine(example, chi.subarray(i * count));
    for (let k = 0; k < d.length; k++) d[k]! += gradient[k]! ** 2 / train.length;
  }
  for (let k = 0; k < d.length; k++) d[k] = 1 / (Math.sqrt(d[k]!) + EPS);
  const logitWeights = logitWeightsOf(count, binary);
  const sides = Array.from({ length: rows.length / count }, (_, i) =>
    logitWeights.map((by) => combine(i, by)),
  );
  const columns = sides.flat();
  const entries = train
    .flatMap((i) => sides[i]!)
    .flatMap((x) =>
      columns.map((y) => {
        let sum = 0;
        for (let k = 0; k < d.length; k++) sum += x[k]! * d[k]! * y[k]!;
        return sum;
      }),
    );
  const shape = [train.length, logitWeights.length, sides.length, logitWeights.length];
  return ndarray<'float64'>(Float64Array.from(entries), shape);
};
