import type { FactorShape } from './matrix-shapes.js';
import type { Sides } from './pairs.js';
import { RUN_GRADIENTS } from './slicing.js';

/** Gradients that a group may have, unless it is one batch. */
export const GROUP_GRADIENTS = 128;
/** Gradients that are multiplied among themselves as one matrix; with more, little would be left of the gain from their symmetry. */
const SET_GRADIENTS = 128;
/** Cost of multiplying with one other gradient, relative to forming a token's part of one. */
const MULTIPLYING = 0.8;
/** Fixed cost of one matrix product (packing the other operand), in units of one gradient. */
const STARTING = 24;
/** Tokens more per gradient that cost as much as to copy one byte of each of its elements. */
const COPYING = 8;
/** Fixed cost of forming one group more and making bytes of its gradients, in tokens of a gradient. */
const STARTING_BYTES = 64;

/** Groups of batches. Those of a group are padded to one length, and the gradients of a set are multiplied as one matrix. */
export type GradientSet<F> = readonly (readonly F[])[];

/** Gradients of some batches together. */
export const gradientsOf = (batches: readonly FactorShape[]): number =>
  batches.reduce((sum, { outputs, n }) => sum + outputs * n, 0);

/** Tokens to which the examples of some batches together are padded. */
export const longest = (batches: readonly FactorShape[]): number =>
  Math.max(...batches.map(({ length }) => length));

/** Consecutive batches, or other items, that count at most `most` together; one that counts more is alone. */
export const chunkBatches = <T>(batches: readonly T[], most: number, count: (batch: T) => number): T[][] => {
  const chunks: T[][] = [];
  let used = 0;
  for (const batch of batches) {
    used += count(batch);
    if (chunks.length > 0 && used <= most) chunks.at(-1)!.push(batch);
    else {
      chunks.push([batch]);
      used = count(batch);
    }
  }
  return chunks;
};

/**
 * Consecutive batches whose finished gradients are put side by side: the products of few take longer to start than to compute.
 *
 * @param count gradients of a batch
 */
export const besideEachOther = <T>(batches: readonly T[], count: (batch: T) => number): T[][] =>
  chunkBatches(batches, GROUP_GRADIENTS, count);

/**
 * Groups consecutive batches so that forming their gradients, padded to the longest of the group, costs least.
 *
 * @param start fixed cost of a group, in tokens of a gradient
 */
const groupsBy = <T extends FactorShape>(batches: readonly T[], start: number): T[][] => {
  const cost = [0];
  const first = [0];
  for (let end = 1; end <= batches.length; end++) {
    cost[end] = Number.POSITIVE_INFINITY;
    for (let from = end - 1; from >= 0; from--) {
      const group = batches.slice(from, end);
      const gradients = gradientsOf(group);
      if (from < end - 1 && gradients > GROUP_GRADIENTS) break;
      const total = cost[from]! + gradients * longest(group) + start;
      if (total < cost[end]!) [cost[end], first[end]] = [total, from];
    }
  }
  const groups: T[][] = [];
  for (let end = batches.length; end > 0; end = first[end]!) groups.unshift(batches.slice(first[end]!, end));
  return groups;
};

/**
 * Groups of batches that are multiplied with those of others one after another. Products of few gradients run far below
 * the rate of larger ones.
 *
 * @param partners gradients that each is multiplied with
 */
const groupBatches = <T extends FactorShape>(batches: readonly T[], partners: number): T[][] =>
  groupsBy(batches, MULTIPLYING * partners * STARTING);

/**
 * Batches that are multiplied as one: padded to one length where that costs less than to copy their gradients together.
 *
 * @param bytes size of an element that is copied; single bytes are cheap enough for groups of several lengths
 */
export const gradientSet = <F extends FactorShape>(batches: readonly F[], bytes: number): GradientSet<F> => {
  if (bytes === 1) return groupsBy(batches, STARTING_BYTES);
  const length = longest(batches);
  const padding = batches.reduce((sum, f) => sum + gradientsOf([f]) * (length - f.length), 0);
  return padding <= COPYING * bytes * gradientsOf(batches) ? [batches] : batches.map((f) => [f]);
};

/**
 * The sets of rows and of columns whose gradients are formed and multiplied.
 *
 * @param bytes size of an element that is multiplied
 */
export const gradientSets = <F extends FactorShape>(
  { rows, columns }: Sides<F>,
  bytes: number,
): Sides<GradientSet<F>> => {
  const setsOf = (batches: readonly F[]) =>
    chunkBatches(batches, SET_GRADIENTS, (batch) => gradientsOf([batch])).map((set) =>
      gradientSet(set, bytes),
    );
  const partners = Math.min(RUN_GRADIENTS, gradientsOf(rows));
  return {
    rows: setsOf(rows),
    columns: bytes === 1 ? setsOf(columns) : groupBatches(columns, partners).map((group) => [group]),
  };
};
