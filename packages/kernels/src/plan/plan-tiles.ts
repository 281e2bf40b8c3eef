import { remembered } from '../remembered.js';
import { cut, cutOrNone, shared, total } from './cut.js';
import { type Costs, leastTokens, planSweeps } from './plan-sweeps.js';
import { type ExtraBytes, noExtra, type PlannedTile, type Sweep, type TilePlan } from './tile-plan.js';
import type { TileRequest } from './tile-request.js';
import { MOST_TILES, mostColumns, roomOf } from './tile-room.js';
import { formingFlops, passFlops } from './token-products.js';

/**
 * Cuts a kernel into tiles that fit the memory budget. Rows are the training examples, in panels, of which every pair is
 * computed once. Tiles of the same rows are computed in one sweep where the states of all of their columns fit. No example
 * runs through the model again then, and only the factors of one tile's columns are in memory at once. Formulas that form
 * gradients form those of the rows for every tile, so that tiles by themselves, which are larger, can take fewer products.
 *
 * @throws KernelSizeError; MemoryBudgetError, which names the smallest budget that works
 */
export const planTiles = (request: TileRequest, extra: ExtraBytes = noExtra): TilePlan => {
  const { model: m, examples, pieces } = request;
  const { lengths, own, factors, train: all, queries, waits } = examples;
  const { cost, arrays, fixed, room, mostRows } = roomOf(request, extra);
  const held = cost.map((bytes, i) => bytes - factors[i]!);
  const common = { bytes: cost, factors, held, room, train: all.length, pairs: arrays.pairs };
  const halves = cut(all, cost, room / 2, mostRows);
  const costs: Costs = { ...common, pieces: Math.ceil(pieces / halves.length) };
  let best: readonly Sweep[] = halves.flatMap((rows, r) =>
    tilesOf(rows, halves.slice(r + 1).flat(), queries, r === 0, costs).map((tile) => [tile]),
  );
  if (!waits) {
    // Fewer panels of rows leave less for columns, and smaller tiles form the gradients of rows more often. The plan with
    // the fewest products wins.
    const [passes, forming] = [passFlops(m, () => true), formingFlops(m)];
    const flopsOf = (sweeps: readonly Sweep[]) => {
      const { ofSweeps, ofTiles } = tokensOf(sweeps, lengths);
      return passes * ofSweeps + forming * ofTiles;
    };
    let fewest = flopsOf(best);
    const mostTiles = Math.max(MOST_TILES, best.length);
    const asked = total(queries, lengths);
    // With fewer panels there is no room for their rows.
    for (let count = Math.max(1, Math.ceil(total(all, cost) / room)); count <= halves.length; count++) {
      const panels = cut(all, cost, Number.POSITIVE_INFINITY, mostRows, count);
      // A panel runs with each of those before it, and once with its own rows.
      const rowTokens = panels.reduce((sum, rows, r) => sum + (r + 1) * total(rows, lengths), 0);
      const once = rowTokens + panels.length * asked;
      if ((passes + forming) * once >= fewest) break;
      const least = leastTokens(panels, queries, lengths, costs);
      if (passes * least + forming * least >= fewest) continue;
      const columnsOf = (r: number) => [...panels.slice(r + 1).flat(), ...queries];
      const swept = planSweeps(panels, columnsOf, { ...common, pieces: Math.ceil(pieces / panels.length) });
      if (!swept || swept.flat().length > mostTiles) continue;
      const flops = flopsOf(swept);
      if (flops < fewest) [best, fewest] = [swept, flops];
    }
  }
  const most = mostBytes(best, own, factors);
  return {
    tiles: best.flat(),
    sweeps: best,
    peakBytes: fixed - extra.once + most,
    exampleBytes: most,
    blockBytes: m.byTiles ? arrays.bytes : undefined,
  };
};

/** Tiles whose columns have their factors in memory all at once, with those of the rows. */
const tilesOf = (
  rows: readonly number[],
  later: readonly number[],
  queries: readonly number[],
  first: boolean,
  { bytes, room, pieces, pairs }: Costs,
): PlannedTile[] => {
  const left = room - total(rows, bytes);
  const most = mostColumns(rows.length, pairs);
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

/** Tokens of the examples that sweeps run, each sweep its rows once; and of those that would run if each tile were a sweep. */
const tokensOf = (
  sweeps: readonly Sweep[],
  lengths: readonly number[],
): { readonly ofSweeps: number; readonly ofTiles: number } => {
  const totalOf = totals(lengths);
  let [ofSweeps, ofTiles] = [0, 0];
  for (const sweep of sweeps) {
    const rows = totalOf(sweep[0]!.rows);
    const columns = sweep.reduce((sum, tile) => sum + total(tile.columns, lengths), 0);
    ofSweeps += rows + columns;
    ofTiles += sweep.length * rows + columns;
  }
  return { ofSweeps, ofTiles };
};

/** Bytes of examples in the largest sweep: the factors of the columns of one tile are there at once. */
const mostBytes = (
  sweeps: readonly Sweep[],
  bytes: readonly number[],
  factors: readonly number[],
): number => {
  const totalOf = totals(bytes);
  let most = 0;
  for (const sweep of sweeps) {
    let [held, largest] = [0, 0];
    for (const { columns } of sweep) {
      const own = total(columns, factors);
      held += total(columns, bytes) - own;
      largest = Math.max(largest, own);
    }
    most = Math.max(most, totalOf(sweep[0]!.rows) + held + largest);
  }
  return most;
};

/** Totals of panels of rows, which many tiles have. */
const totals = (cost: readonly number[]): ((rows: readonly number[]) => number) => {
  const known = new Map<readonly number[], number>();
  return (rows) => remembered(known, rows, () => total(rows, cost));
};
