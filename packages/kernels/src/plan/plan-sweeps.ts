import { cut, cutOrNone, panelsOf, shared, total } from './cut.js';
import type { PlannedTile, Sweep } from './tile-plan.js';
import { mostColumns } from './tile-room.js';

/** Bytes of examples, and what the plan leaves for them. */
export interface Costs {
  /** Bytes that every example has, the factors of one stage included. */
  readonly bytes: readonly number[];
  /** Bytes that its factors of one stage have. */
  readonly factors: readonly number[];
  /** Bytes that it has beyond them. */
  readonly held: readonly number[];
  readonly room: number;
  /** Number of training examples. */
  readonly train: number;
  /** Sweeps of a panel of rows, about at least. */
  readonly pieces: number;
  /** Pairs of examples that a sweep may have. */
  readonly pairs: number;
}

/** Sweeps of each panel of rows over all of its columns, in as few as their states fit into; undefined where none do. */
export const planSweeps = (
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

/** Room for rounding in sums that are compared with limits. */
const ROUNDING = 1e-9;

/**
 * Tokens that sweeps of these panels of rows run at least, without planning them: the bytes of columns need so many sweeps, each of
 * which runs the rows.
 *
 * @param queries columns of all panels, which also have the rows of later panels as columns
 */
export const leastTokens = (
  panels: readonly (readonly number[])[],
  queries: readonly number[],
  lengths: readonly number[],
  { bytes, factors, held, room, pairs }: Costs,
): number => {
  let [heldLater, factorsLater] = [total(queries, held), total(queries, factors)];
  let [tokensLater, later] = [total(queries, lengths), queries.length];
  let tokens = 0;
  for (let r = panels.length - 1; r >= 0; r--) {
    const rows = panels[r]!;
    const left = room - total(rows, bytes);
    const ofBytes = (heldLater + factorsLater / MOST_TILES_OF_SWEEP) / left;
    const ofPairs = (rows.length * later) / (pairs - rows.length ** 2);
    // Without any room there is no plan, and this says nothing.
    const sweeps = [ofBytes, ofPairs, 1].map((least) => (least > 1 ? Math.ceil(least * (1 - ROUNDING)) : 1));
    const own = total(rows, lengths);
    tokens += Math.max(...sweeps) * own + tokensLater;
    heldLater += total(rows, held);
    factorsLater += total(rows, factors);
    tokensLater += own;
    later += rows.length;
  }
  return tokens;
};

/** Most tiles of a sweep: with more, products of a tile's tokens would be thin, and the rows be put into panels too often. */
const MOST_TILES_OF_SWEEP = 12;
/** Most sweeps of a panel of rows that are tried. */
const MOST_SWEEPS = 64;

const fewestSweeps = (
  rows: readonly number[],
  columns: readonly number[],
  first: boolean,
  costs: Costs,
): Sweep[] | undefined => {
  const { bytes, held, room, train, pieces } = costs;
  const left = room - total(rows, bytes);
  if (left < 0) return undefined;
  const heldByAll = total(columns, held);
  const least = Math.min(pieces, Math.max(1, columns.length));
  const fewest = columns.length === 0 ? 1 : Math.max(least, Math.ceil(heldByAll / left));
  for (let count = fewest; count <= MOST_SWEEPS; count++) {
    const sweeps = sweepsOf(groupsOf(rows, columns, count, heldByAll, costs), rows, left, costs);
    if (!sweeps) continue;
    let isFirst = true;
    return sweeps.map((panels) =>
      (panels.length > 0 ? panels : [[]]).map((own): PlannedTile => {
        const self = isFirst;
        isFirst = false;
        return { rows, columns: own, self, first: first && own.every((i) => i >= train) };
      }),
    );
  }
  return undefined;
};

/** Columns of about so many sweeps; one after the other, since most counts fail with the first. */
function* groupsOf(
  rows: readonly number[],
  columns: readonly number[],
  count: number,
  heldByAll: number,
  { held, pieces, pairs }: Costs,
): Generator<number[]> {
  const [room, most] = [Number.POSITIVE_INFINITY, mostColumns(rows.length, pairs)];
  if (columns.length === 0 && pieces === 1) yield [];
  else if (pieces === 1) yield* panelsOf(columns, held, { room, most, least: count }, heldByAll);
  else {
    const shares = shared(columns, held, count, rows);
    if (shares.length === 0) yield [];
    for (const share of shares) yield* cutOrNone(share, held, room, most);
  }
}

/** Tiles of every sweep, each as its columns; undefined where a sweep does not fit. */
const sweepsOf = (
  groups: Iterable<readonly number[]>,
  rows: readonly number[],
  left: number,
  { held, factors, train, pairs }: Costs,
): number[][][] | undefined => {
  const most = mostColumns(rows.length, pairs);
  const sweeps: number[][][] = [];
  for (const group of groups) {
    const spare = left - total(group, held);
    if (spare < 0 || rows.length * (rows.length + group.length) > pairs) return undefined;
    if (total(group, factors) > MOST_TILES_OF_SWEEP * spare) return undefined;
    const of = (own: readonly number[]) => cut(own, factors, spare, most);
    const panels = [...of(group.filter((i) => i < train)), ...of(group.filter((i) => i >= train))];
    if (panels.length > MOST_TILES_OF_SWEEP || panels.some((panel) => total(panel, factors) > spare))
      return undefined;
    sweeps.push(panels);
  }
  return sweeps;
};
