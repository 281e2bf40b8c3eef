import { MemoryBudgetError } from '../errors.js';
import { contractionBytes, exampleBytes, fixedBytes, kernelBytes, type MemoryModel } from './memory.js';

/** One tile: rows against columns, and the rows among themselves. Numbers count all examples, training first. */
export interface PlannedTile {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** Rows against rows as well. */
  readonly self: boolean;
  /** The columns are queries that no earlier tile has seen. */
  readonly first: boolean;
}

export interface TilePlan {
  readonly tiles: readonly PlannedTile[];
  /** Estimated peak of the largest tile, bytes. */
  readonly peakBytes: number;
  /** Bytes of it that the tile's examples take. */
  readonly exampleBytes: number;
}

// Work that a kill can lose, and that a cancelled run waits for, is one tile.
const MOST_COLUMNS = 512;

/**
 * Cuts a kernel into tiles that fit the memory budget. Rows are the training examples, in as few panels as
 * fit into memory together with at least as many columns; every pair of row panels is computed once.
 *
 * @param lengths tokens of every example, the training examples first
 * @param train number of training examples
 * @param budget bytes
 * @param extra bytes that examples take in addition for each of their tokens, and that the tiles leave
 * @throws KernelSizeError; MemoryBudgetError, which names the smallest budget that works
 */
export const planTiles = (
  m: MemoryModel,
  lengths: readonly number[],
  train: number,
  batchSize: number,
  budget: number,
  extra: { readonly perToken: number; readonly once: number } = { perToken: 0, once: 0 },
): TilePlan => {
  const own = lengths.map((length) => exampleBytes(m, length));
  const cost = own.map((bytes, i) => bytes + extra.perToken * lengths[i]!);
  const arrays = kernelBytes(m, train, lengths.length);
  const fixed = extra.once + arrays + fixedBytes(m, batchSize) + contractionBytes(m, lengths);
  const longest = Math.max(...cost);
  const smallest = Math.ceil(fixed + 2 * longest);
  if (budget < smallest) throw new MemoryBudgetError(budget, smallest, arrays);
  const room = budget - fixed;

  // Similar lengths together, so that batches are full and padding is small.
  const byLength = (indices: number[]) => indices.sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const rowPanels = cut(byLength(range(0, train)), cost, room / 2, Number.POSITIVE_INFINITY);
  const queries = byLength(range(train, lengths.length));
  const tiles: PlannedTile[] = [];
  let most = 0;
  for (const [r, rows] of rowPanels.entries()) {
    const rowBytes = total(rows, cost);
    const later = rowPanels.slice(r + 1).flat();
    const trained = cut(later, cost, room - rowBytes, MOST_COLUMNS);
    const panels = [...trained, ...cut(queries, cost, room - rowBytes, MOST_COLUMNS)];
    if (panels.length === 0) panels.push([]);
    for (const [i, columns] of panels.entries()) {
      tiles.push({ rows, columns, self: i === 0, first: r === 0 && i >= trained.length });
      most = Math.max(most, total(rows, own) + total(columns, own));
    }
  }
  return { tiles, peakBytes: fixed - extra.once + most, exampleBytes: most };
};

/** Panels of examples of about equal size whose bytes stay below `room`. */
const cut = (indices: readonly number[], cost: readonly number[], room: number, most: number): number[][] => {
  if (indices.length === 0) return [];
  const count = Math.max(Math.ceil(total(indices, cost) / room), Math.ceil(indices.length / most));
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

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

const total = (indices: readonly number[], cost: readonly number[]): number =>
  indices.reduce((sum, i) => sum + cost[i]!, 0);
