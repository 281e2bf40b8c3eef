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
  /** Jacobian of the examples in this order, from all parameters. */
  readonly jacobianOf: (examples: readonly number[]) => EagerJacobian;
}

/** A Jacobian with the gradients of its outputs f, by example. */
interface Moved extends EagerJacobian {
  readonly sides: readonly (readonly Float64Array[])[];
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
  const withSides = (jacobian: EagerJacobian): Moved => ({
    ...jacobian,
    sides: [...examples.keys()].map((i) =>
      logitWeightsOf(count, binary).map((by) => combine(jacobian, i, by)),
    ),
  });
  const whole = withSides(exact);
  const moved = [1, 2].map((seed) => withSides({ ...exact, rows: moveRows(exact, seed) }));
  const jacobianOf: CalmSplit['jacobianOf'] = (order) => {
    const places = order.flatMap((i) => labelWordIds.map((_, c) => i * count + c));
    const logits = Float64Array.from(places, (place) => exact.logits[place]!);
    return { ...exact, rows: places.map((place) => exact.rows[place]!), logits };
  };
  let best: CalmSplit | undefined;
  for (const query of examples.keys()) {
    const train = [...examples.keys()].filter((i) => i !== query);
    for (let code = 0; code < count ** train.length; code++) {
      const labels = train.map((_, i) => Math.floor(code / count ** i) % count);
      const way = { train, labels };
      const kernel = adamOf(whole, way);
      const column = (array: NDArray, j: number) => kernelBlock(array, [...train.keys()], [j]);
      let sensitivity = 0;
      for (const jacobian of moved) {
        const other = adamOf(jacobian, way);
        const changes = [...examples.keys()].map((j) =>
          relativeDifference(column(other, j), column(kernel, j)),
        );
        sensitivity = Math.max(sensitivity, ...changes);
        // It is too large already, whatever the other one gives.
        if (best && sensitivity >= best.sensitivity) break;
      }
      if (!best || sensitivity < best.sensitivity) best = { train, query, labels, sensitivity, jacobianOf };
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

/** Σ_c by_c ∇f_c of an example, from the rows of its logits. */
const combine = ({ rows }: EagerJacobian, i: number, by: ArrayLike<number>): Float64Array => {
  const sum = new Float64Array(rows[0]!.length);
  for (let c = 0; c < by.length; c++) {
    const row = rows[i * by.length + c]!;
    const factor = by[c]!;
    for (let k = 0; k < sum.length; k++) sum[k]! += factor * row[k]!;
  }
  return sum;
};

/** The Adam kernel of training examples against all. */
const adamOf = (
  jacobian: Moved,
  { train, labels }: Pick<CalmSplit, 'train' | 'labels'>,
): NDArray<'float64'> => {
  const { logits, sides } = jacobian;
  const count = logits.length / sides.length;
  const f = ndarray<'float64'>(
    Float64Array.from(train.flatMap((i) => [...logits.subarray(i * count, (i + 1) * count)])),
    [train.length, count],
  );
  const { cotangent: chi } = lossOf('cross-entropy', f, targetsOf(labels, count));
  const d = new Float64Array(sides[0]![0]!.length);
  for (const [i, example] of train.entries()) {
    const gradient = combine(jacobian, example, chi.subarray(i * count, (i + 1) * count));
    for (let k = 0; k < d.length; k++) d[k]! += gradient[k]! ** 2 / train.length;
  }
  for (let k = 0; k < d.length; k++) d[k] = 1 / (Math.sqrt(d[k]!) + EPS);
  const columns = sides.flat();
  const entries = train
    .flatMap((i) => sides[i]!)
    .flatMap((x) => {
      const scaled = x.map((value, k) => value * d[k]!);
      return columns.map((y) => {
        let sum = 0;
        for (let k = 0; k < d.length; k++) sum += scaled[k]! * y[k]!;
        return sum;
      });
    });
  const outputs = sides[0]!.length;
  return ndarray<'float64'>(Float64Array.from(entries), [train.length, outputs, sides.length, outputs]);
};
