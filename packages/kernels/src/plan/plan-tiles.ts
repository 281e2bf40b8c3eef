import { MemoryBudgetError } from '../errors.js';
import {
  bytesOfExamples,
  contractionBytes,
  fixedBytes,
  type MemoryModel,
  planArrays,
  sharesParameters,
} from './memory.js';
import { formingFlops, passFlops } from './token-products.js';

/** One tile: rows against columns, and the rows among themselves. Numbers count all examples, training first. */
export interface PlannedTile {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** Rows against rows as well. */
  readonly self: boolean;
  /** The columns are queries that no earlier tile has seen. */
  readonly first: boolean;
}

/**
 * Tiles of the same rows that are computed together: all examples go through the stages once, and in every stage the
 * factors of one tile's columns after another meet those of the rows.
 */
export type Sweep = readonly PlannedTile[];

export interface TilePlan {
  readonly tiles: readonly PlannedTile[];
  /** The same tiles, in the same order, as they are computed. */
  readonly sweeps: readonly Sweep[];
  /** Estimated peak of the largest sweep, bytes. */
  readonly peakBytes: number;
  /** Bytes of it that the sweep's examples take. */
  readonly exampleBytes: number;
  /**
   * Bytes of the factors of the rows, which are the same in all tiles, where they are computed once and stay until the last
   * sweep. Without them every sweep runs its rows.
   */
  readonly keptRowBytes?: number;
  /** Bytes for a block of rows, where the kernel is never in memory as a whole. */
  readonly blockBytes?: number;
}

/** Work that a kill can lose, and that a cancelled run waits for, is one sweep. */
export const MOST_COLUMNS = 512;

/**
 * Cuts a kernel into tiles that fit the memory budget. Rows are the training examples, in panels, of which every pair is
 * computed once. Tiles of the same rows are computed in one sweep where the states of all of their columns fit. No example
 * runs through the model again then, and only the factors of one tile's columns are in memory at once. Formulas that form
 * gradients form those of the rows for every tile, so that tiles by themselves, which are larger, can take fewer products.
 *
 * @param lengths tokens of every example, the training examples first
 * @param train number of training examples
 * @param budget bytes
 * @param extra bytes that examples take in addition for each of their tokens, and that the tiles leave
 * @param pieces sweeps that there are about at least, as far as there are queries; their work is about the same
 * @throws KernelSizeError; MemoryBudgetError, which names the smallest budget that works
 */
export const planTiles = (
  m: MemoryModel,
  lengths: readonly number[],
  train: number,
  batchSize: number,
  budget: number,
  extra: { readonly perToken: number; readonly once: number } = { perToken: 0, once: 0 },
  pieces = 1,
): TilePlan => {
  const parts = bytesOfExamples(m, lengths);
  const factors = parts.map((part) => part.factors);
  const own = parts.map((part) => part.held + part.factors);
  // Examples hold the additional bytes as long as their states.
  const cost = own.map((bytes, i) => bytes + extra.perToken * lengths[i]!);
  const others = extra.once + fixedBytes(m, batchSize) + contractionBytes(m, lengths);
  const longest = cost.reduce((most, bytes) => Math.max(most, bytes), 0);
  const arrays = planArrays(m, train, lengths.length, budget - others - 2 * longest);
  const smallest = Math.ceil(others + arrays.least + 2 * longest);
  if (budget < smallest) throw new MemoryBudgetError(budget, smallest, arrays.least);
  const fixed = others + arrays.bytes;
  const room = budget - fixed;
  // Half of the entries are those of rows among themselves, at most.
  const mostRows = Math.max(1, Math.floor(Math.sqrt(arrays.pairs / 2)));

  // Similar lengths together, so that batches are full and padding is small.
  const byLength = (indices: number[]) => indices.sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const all = byLength(range(0, train));
  const queries = byLength(range(train, lengths.length));
  const costs: Costs = { bytes: cost, factors, room, train, pieces, pairs: arrays.pairs };
  const halves = cut(all, cost, room / 2, mostRows);
  let best: readonly Sweep[] = halves.flatMap((rows, r) =>
    tilesOf(rows, halves.slice(r + 1).flat(), queries, r === 0, {
      ...costs,
      pieces: Math.ceil(pieces / halves.length),
    }).map((tile) => [tile]),
  );
  if (!sharesParameters(m)) {
    // Fewer panels of rows leave less for columns, and smaller tiles form the gradients of rows more often. The plan with
    // the fewest products wins.
    const [passes, forming] = [passFlops(m, () => true), formingFlops(m)];
    const tokensOf = (sweeps: readonly Sweep[]) => total(sweeps.flatMap(examplesOf), lengths);
    const flopsOf = (sweeps: readonly Sweep[]) =>
      passes * tokensOf(sweeps) + forming * tokensOf(sweeps.flat().map((tile) => [tile]));
    let fewest = flopsOf(best);
    // With fewer panels there is no room for their rows.
    for (let count = Math.max(1, Math.ceil(total(all, cost) / room)); count <= halves.length; count++) {
      const panels = cut(all, cost, Number.POSITIVE_INFINITY, mostRows, count);
      // A panel runs with each of those before it, and once with its own rows.
      const rowTokens = panels.reduce((sum, rows, r) => sum + (r + 1) * total(rows, lengths), 0);
      const once = rowTokens + panels.length * total(queries, lengths);
      if ((passes + forming) * once >= fewest) break;
      const columnsOf = (r: number) => [...panels.slice(r + 1).flat(), ...queries];
      const swept = planSweeps(panels, columnsOf, { ...costs, pieces: Math.ceil(pieces / panels.length) });
      const flops = swept ? flopsOf(swept) : Number.POSITIVE_INFINITY;
      if (swept && flops < fewest) [best, fewest] = [swept, flops];
    }
  }
  const most = best.reduce((most, sweep) => Math.max(most, sweepBytes(sweep, own, factors)), 0);
  return {
    tiles: best.flat(),
    sweeps: best,
    peakBytes: fixed - extra.once + most,
    exampleBytes: most,
    blockBytes: m.byTiles ? arrays.bytes : undefined,
  };
};

/** Bytes of examples, and what the plan leaves for them. */
interface Costs {
  /** Bytes that every example has, the factors of one stage included. */
  readonly bytes: readonly number[];
  /** Bytes that its factors of one stage have. */
  readonly factors: readonly number[];
  readonly room: number;
  /** Number of training examples. */
  readonly train: number;
  /** Sweeps of a panel of rows, about at least. */
  readonly pieces: number;
  /** Pairs of examples that a sweep may have. */
  readonly pairs: number;
}

/** Columns of a tile, at most. */
const mostColumns = (rows: readonly number[], pairs: number): number =>
  Math.min(MOST_COLUMNS, Math.max(1, Math.floor(pairs / (2 * rows.length))));

/** Tiles whose columns have their factors in memory all at once, with those of the rows. */
const tilesOf = (
  rows: readonly number[],
  later: readonly number[],
  queries: readonly number[],
  first: boolean,
  { bytes, room, pieces, pairs }: Costs,
): PlannedTile[] => {
  const left = room - total(rows, bytes);
  const most = mostColumns(rows, pairs);
  const trained = cut(later, bytes, left, most);
  const own = trained.length === 0 ? rows : [];
  const asked =
    pieces > 1
      ? shared(queries, bytes, pieces, own).flatMap((share) => cutOrNone(share, bytes, left, most))
      : cut(queries, bytes, left, most);
  const panels = [...trained, ...asked];
  if (panels.length === 0) panels.push([]);
  return panels.map((columns, i) => ({ rows, columns, self: i === 0, first: first && i >= trained.length }));
};

/** Sweeps of each panel of rows over all of its columns, in as few as their states fit into; undefined where none do. */
const planSweeps = (
  panels: readonly (readonly number[])[],
  columnsOf: (panel: number) => readonly number[],
  costs: Costs,
): Sweep[] | undefined => {
  const sweeps: Sweep[] = [];
  for (const [r, rows] of panels.entries()) {
    const own = fewestSweeps(rows, columnsOf(r), r === 0, costs);
    if (!own) return undefined;
    sweeps.push(...own);
  }
  return sweeps;
};

/** Most tiles of a sweep: with more, products of a tile's tokens would be thin, and the rows be put into panels too often. */
const MOST_TILES = 12;
/** Most sweeps of a panel of rows that are tried. */
const MOST_SWEEPS = 64;

const fewestSweeps = (
  rows: readonly number[],
  columns: readonly number[],
  first: boolean,
  { bytes, factors, room, train, pieces, pairs }: Costs,
): Sweep[] | undefined => {
  const held = bytes.map((all, i) => all - factors[i]!);
  const left = room - total(rows, bytes);
  if (left < 0) return undefined;
  const least = Math.min(pieces, Math.max(1, columns.length));
  const most = mostColumns(rows, pairs);
  const entries = (own: readonly (readonly number[])[]) =>
    rows.length * (rows.length + own.reduce((sum, panel) => sum + panel.length, 0));
  const fewest = columns.length === 0 ? 1 : Math.max(least, Math.ceil(total(columns, held) / left));
  for (let count = fewest; count <= MOST_SWEEPS; count++) {
    const infinite = Number.POSITIVE_INFINITY;
    const groups =
      pieces > 1
        ? shared(columns, held, count, rows).flatMap((own) => cutOrNone(own, held, infinite, most))
        : cut(columns, held, infinite, most, count);
    if (groups.length === 0) groups.push([]);
    const sweeps = groups.map((group) => {
      const spare = left - total(group, held);
      const isTrained = (i: number) => i < train;
      const of = (own: readonly number[]) => cut(own, factors, spare, most);
      const [trained, asked] = [of(group.filter(isTrained)), of(group.filter((i) => !isTrained(i)))];
      return { spare, panels: [...trained, ...asked] };
    });
    const fits = sweeps.every(
      ({ spare, panels }) =>
        spare >= 0 &&
        panels.length <= MOST_TILES &&
        entries(panels) <= pairs &&
        panels.every((panel) => total(panel, factors) <= spare),
    );
    if (!fits) continue;
    let isFirst = true;
    return sweeps.map(({ panels }) =>
      (panels.length > 0 ? panels : [[]]).map((own): PlannedTile => {
        const self = isFirst;
        isFirst = false;
        return { rows, columns: own, self, first: first && own.every((i) => i >= train) };
      }),
    );
  }
  return undefined;
};

/** Examples that a sweep runs. */
const examplesOf = (sweep: Sweep): number[] => [
  ...sweep[0]!.rows,
  ...sweep.flatMap(({ columns }) => columns),
];

const sweepBytes = (sweep: Sweep, bytes: readonly number[], factors: readonly number[]): number => {
  const columns = sweep.map((tile) => tile.columns);
  const held = total(columns.flat(), bytes) - total(columns.flat(), factors);
  return total(sweep[0]!.rows, bytes) + held + Math.max(...columns.map((own) => total(own, factors)));
};

/** Panels of examples of about equal size whose bytes stay below `room`, as few as that takes, but at least `least`. */
export const cut = (
  indices: readonly number[],
  cost: readonly number[],
  room: number,
  most: number,
  least = 1,
): number[][] => {
  if (indices.length === 0) return [];
  const count = Math.max(least, Math.ceil(total(indices, cost) / room), Math.ceil(indices.length / most));
  const share = total(indices, cost) / count;
  const panels: number[][] = [[]];
  let used = 0;
  for (const index of indices) {
    const panel = panels.at(-1)!;
    const full = used + cost[index]! > room || panel.length >= most;
    if (panel.length > 0 && (full || (used >= share && panels.length < count))) {
      panels.push([]);
      used = 0;
    }
    panels.at(-1)!.push(index);
    used += cost[index]!;
  }
  return panels;
};

/**
 * Shares of queries whose work is about the same. Products of tokens grow with the length of a query, and those of gradients do
 * not, so that a query counts by its bytes and as one of all.
 *
 * @param own rows whose products among themselves belong to the first share, which may have no queries then
 */
export const shared = (
  queries: readonly number[],
  bytes: readonly number[],
  count: number,
  own: readonly number[],
): number[][] => {
  if (queries.length === 0) return own.length > 0 ? [[]] : [];
  const mean = total(queries, bytes) / queries.length;
  const weights = bytes.map((one) => one + mean);
  // Every pair of rows counts once.
  const ahead = total(own, weights) / 2;
  const share = (total(queries, weights) + ahead) / count;
  if (count > 1 && ahead >= share) return [[], ...shared(queries, bytes, count - 1, [])];
  const shares: number[][] = Array.from({ length: count }, () => []);
  let before = ahead;
  for (const index of queries) {
    shares[Math.min(count - 1, Math.floor((before + weights[index]! / 2) / share))]!.push(index);
    before += weights[index]!;
  }
  return shares.filter((queries, i) => queries.length > 0 || (i === 0 && ahead > 0));
};

/** Panels of a share of queries; one without any for a share that has none. */
export const cutOrNone = (
  share: readonly number[],
  cost: readonly number[],
  room: number,
  most = MOST_COLUMNS,
): number[][] => (share.length === 0 ? [[]] : cut(share, cost, room, most));

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

export const total = (indices: readonly number[], cost: readonly number[]): number =>
  indices.reduce((sum, i) => sum + cost[i]!, 0);
