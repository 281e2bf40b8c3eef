import { cutOrNone, MOST_COLUMNS, range, shared, total } from './cut.js';
import { planArrays } from './memory.js';
import { type ExtraBytes, noExtra, type TilePlan } from './tile-plan.js';
import type { TileRequest } from './tile-request.js';

/** Tokens of a tile's columns for each token of its rows, on average at least: with fewer, batches and products would be small. */
const LEAST_TOKENS = 1 / 2;

/**
 * Cuts a kernel into tiles of all training examples against some queries each, for which the factors of the training examples
 * are computed once, at all stages, and stay. No example runs through the model twice then, and however many queries there
 * are, a tile has room for the values that its backward pass would compute again. That takes few training examples.
 *
 * @returns undefined where the training examples leave too little room
 */
export const planKeptRows = (request: TileRequest, extra: ExtraBytes = noExtra): TilePlan | undefined => {
  const { model: m, examples, budget, pieces } = request;
  const { lengths, bytes: parts, own, queries, contraction } = examples;
  const train = examples.train.length;
  const cost = own.map((bytes, i) => bytes + extra.perToken * lengths[i]!);
  const others = request.fixed + contraction;
  const arrays = planArrays(m, train, lengths.length, budget - others - extra.once);
  const fixed = others + arrays.bytes;
  const room = budget - fixed - extra.once;
  const rows = range(0, train);
  const rowBytes = rows.reduce((sum, i) => sum + parts[i]!.allFactors, 0);
  // While the rows run, their states are in memory as well.
  const running = rows.reduce((sum, i) => sum + parts[i]!.held, rowBytes);
  const whileRunning = running + extra.perToken * total(rows, lengths);
  if (train * (train + MOST_COLUMNS) > arrays.pairs) return undefined;
  if (whileRunning > room || queries.some((i) => cost[i]! > room - rowBytes)) return undefined;
  const shares = pieces > 1 ? shared(queries, cost, pieces, rows) : [queries];
  const panels = shares.flatMap((share) => cutOrNone(share, cost, room - rowBytes));
  const least = LEAST_TOKENS * total(rows, lengths);
  if (panels.length > 1 && total(queries, lengths) < least * panels.length) return undefined;
  const tiles = panels.map((columns, i) => ({ rows, columns, self: i === 0, first: true }));
  const most = tiles.reduce((most, { columns }) => Math.max(most, rowBytes + total(columns, own)), running);
  return {
    tiles,
    sweeps: tiles.map((tile) => [tile]),
    peakBytes: fixed + most,
    exampleBytes: most,
    keptRowBytes: rowBytes,
    blockBytes: m.byTiles ? arrays.bytes : undefined,
  };
};
