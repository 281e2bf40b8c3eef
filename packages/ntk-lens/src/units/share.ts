import type { Unit } from './manifest.js';

/** The workers among whom units are shared, and which one this is, from 0; without a number of them it is one unit. */
export interface WorkerIndex {
  readonly index: number;
  readonly of?: number;
}

/**
 * The numbers of the units of a worker: a run of the list for each, of about equal work, so that units of one kernel stay
 * together as far as that goes.
 */
export const shareOf = (units: readonly Unit[], { index, of }: WorkerIndex): readonly number[] => {
  if (of === undefined) return index < units.length ? [index] : [];
  const known = units.flatMap(({ flops }) => (flops === undefined ? [] : [flops]));
  const usual = known.length === 0 ? 1 : known.reduce((sum, flops) => sum + flops, 0) / known.length;
  const costs = units.map(({ flops }) => Math.max(flops ?? usual, Number.MIN_VALUE));
  const share = costs.reduce((sum, cost) => sum + cost, 0) / of;
  let before = 0;
  return costs.flatMap((cost, unit) => {
    const owner = Math.min(of - 1, Math.floor((before + cost / 2) / share));
    before += cost;
    return owner === index ? [unit] : [];
  });
};

/** The counted work of units that so many workers compute. */
export interface SharedWork {
  /** Bytes of the files by which they share the states of training examples. */
  readonly statesBytes: number;
  /** FLOPs of those that are counted. */
  readonly flops: number;
  /** FLOPs of it that one process alone would not do. */
  readonly repeatedFlops: number;
  /** Units that are not counted, such as kernels of random subspaces. */
  readonly uncounted: number;
}

/**
 * Counts the work of all units, and what is done more than once because workers do not share it.
 *
 * @param apart workers keep results in a store and have no common directory, so that each computes the states of training examples for
 *   itself. Default: false
 */
export const workOf = (units: readonly Unit[], workers: number, apart = false): SharedWork => {
  let [flops, repeated, uncounted] = [0, 0, 0];
  const done = new Set<string>();
  const states = new Map<string, number>();
  for (let index = 0; index < workers; index++) {
    const own = new Set<string>();
    for (const unit of shareOf(units, { index, of: workers })) {
      const { flops: one, repeatedFlops = 0, onceFlops = 0, statesBytes, folder, part } = units[unit]!;
      if (one === undefined) {
        uncounted++;
        continue;
      }
      flops += one;
      repeated += repeatedFlops;
      const isShared = statesBytes !== undefined && !apart;
      if (isShared) states.set(folder, statesBytes);
      // All levels read the same files; factors that stay in memory are those of one level.
      const kernel = statesBytes === undefined ? `${folder} ${part?.level}` : folder;
      const known = isShared ? done : own;
      if (onceFlops === 0 || known.has(kernel)) continue;
      known.add(kernel);
      flops += onceFlops;
      if (!isShared && done.has(kernel)) repeated += onceFlops;
      done.add(kernel);
    }
  }
  const statesBytes = [...states.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { flops, repeatedFlops: repeated, uncounted, statesBytes };
};
