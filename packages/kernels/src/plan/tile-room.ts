import { MemoryBudgetError } from '../errors.js';
import { MOST_COLUMNS, total } from './cut.js';
import { type ArrayPlan, planArrays } from './memory.js';
import type { ExtraBytes } from './tile-plan.js';
import type { TileRequest } from './tile-request.js';

/** The memory that a budget leaves for the examples of tiles. */
export interface TileRoom {
  /** Bytes of every example, the factors of one stage and the additional bytes included. */
  readonly cost: readonly number[];
  readonly arrays: ArrayPlan;
  /** Bytes of everything else. */
  readonly fixed: number;
  /** Bytes for examples. */
  readonly room: number;
  /** Rows of a tile, at most. */
  readonly mostRows: number;
}

/**
 * Most tiles that a small budget may lead to. A useful plan has some hundreds. Each tile is a pass over its examples, of some
 * milliseconds on the smallest model, and three files or more. With more tiles, nearly all of the time would go into starting
 * them, and folders would have more files than shared file systems handle well.
 */
export const MOST_TILES = 100_000;

/**
 * The room for the examples of tiles.
 *
 * @throws KernelSizeError; MemoryBudgetError, which names the smallest budget that works: less than that would leave no room, or make
 *   more than `MOST_TILES`
 */
export const roomOf = (request: TileRequest, extra: ExtraBytes): TileRoom => {
  const { model, examples, budget } = request;
  const { lengths, own, train, contraction } = examples;
  // Examples hold the additional bytes as long as their states.
  const cost = own.map((bytes, i) => bytes + extra.perToken * lengths[i]!);
  const others = extra.once + request.fixed + contraction;
  const longest = cost.reduce((most, bytes) => Math.max(most, bytes), 0);
  const roomIn = (memory: number): TileRoom => {
    const arrays = planArrays(model, train.length, lengths.length, memory - others - 2 * longest);
    const fixed = others + arrays.bytes;
    // Half of the entries are those of rows among themselves, at most.
    const mostRows = rowsFor(arrays);
    return { cost, arrays, fixed, room: memory - fixed, mostRows };
  };
  const given = roomIn(budget);
  const { least } = given.arrays;
  const smallest = Math.ceil(others + least + 2 * longest);
  const areFew = tileBound(request, cost, longest);
  if (budget >= smallest && areFew(given)) return given;
  const enough = smallestWith((memory) => areFew(roomIn(memory)), smallest);
  // So many examples make as many tiles, whatever the memory.
  if (enough === undefined && budget >= smallest) return given;
  throw new MemoryBudgetError(budget, enough ?? smallest, least);
};

const rowsFor = ({ pairs }: ArrayPlan): number => Math.max(1, Math.floor(Math.sqrt(pairs / 2)));

/** Columns of a tile with so many rows, at most. */
export const mostColumns = (rows: number, pairs: number): number =>
  Math.min(MOST_COLUMNS, Math.max(1, Math.floor(pairs / (2 * rows))));

/**
 * Says whether tiles that memory alone cuts are few enough. Panels of rows take half of the room at most, and panels of columns have as
 * much. Each is full except for the last ones, so the count is an upper bound that falls as the budget grows.
 */
const tileBound = ({ examples }: TileRequest, cost: readonly number[], longest: number) => {
  const { train, queries } = examples;
  const rowBytes = total(train, cost);
  const allBytes = rowBytes + total(queries, cost);
  const all = train.length + queries.length;
  // Every tile has a pair of examples that no other one has.
  const pairs = train.length * (all + 1);
  return ({ room, mostRows, arrays }: TileRoom): boolean => {
    if (pairs <= MOST_TILES) return true;
    // A panel is full when the next example would exceed it.
    const full = room / 2 - longest;
    if (full <= 0) return false;
    const panels = 2 + rowBytes / full + (2 * train.length) / mostRows;
    const rows = Math.min(mostRows, train.length);
    const columns = 6 + allBytes / full + (2 * all) / mostColumns(rows, arrays.pairs);
    return panels * columns <= MOST_TILES;
  };
};

/** The smallest whole number from `least` on that is enough, where all larger ones are; undefined where none is. */
const smallestWith = (isEnough: (memory: number) => boolean, least: number): number | undefined => {
  let [below, enough] = [least - 1, least];
  while (!isEnough(enough)) {
    if (enough > Number.MAX_SAFE_INTEGER / 4) return undefined;
    [below, enough] = [enough, 2 * enough];
  }
  while (enough - below > 1) {
    const middle = Math.floor((below + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else below = middle;
  }
  return enough;
};
