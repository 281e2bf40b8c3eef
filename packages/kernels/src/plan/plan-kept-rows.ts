import { bytesOfExamples, contractionBytes, fixedBytes, type MemoryModel, planArrays } from './memory.js';
import { cutOrNone, MOST_COLUMNS, range, shared, type TilePlan, total } from './plan-tiles.js';

/** Tokens of a tile's columns for each token of its rows, on average at least: with fewer, batches and products would be small. */
const LEAST_TOKENS = 1 / 2;

/**
 * Cuts a kernel into tiles of all training examples against some queries each, for which the factors of the training examples
 * are computed once, at all stages, and stay. No example runs through the model twice then, and however many queries there
 * are, a tile has room for the values that its backward pass would compute again. That takes few training examples.
 *
 * @param extra bytes that examples take in addition for each of their tokens, and that the tiles leave
 * @param pieces tiles that there are about at least, as far as there are queries; their work is about the same
 * @returns undefined where the training examples leave too little room
 */
export const planKeptRows = (
  m: MemoryModel,
  lengths: readonly number[],
  train: number,
  batchSize: number,
  budget: number,
  extra: { readonly perToken: number; readonly once: number } = { perToken: 0, once: 0 },
  pieces = 1,
): TilePlan | undefined => {
  const parts = bytesOfExamples(m, lengths);
  const own = parts.map(({ held, factors }) => held + factors);
  const cost = own.map((bytes, i) => bytes + extra.perToken * lengths[i]!);
  const others = fixedBytes(m, batchSize) + contractionBytes(m, lengths);
  const arrays = planArrays(m, train, lengths.length, budget - others - extra.once);
  const fixed = others + arrays.bytes;
  const room = budget - fixed - extra.once;
  const rows = range(0, train);
  const rowBytes = rows.reduce((sum, i) => sum + parts[i]!.allFactors, 0);
  // While the rows run, their states are in memory as well.
  const running = rows.reduce((sum, i) => sum + parts[i]!.held, rowBytes);
  const whileRunning = running + extra.perToken * total(rows, lengths);
  const queries = range(train, lengths.length).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  if (train * (train + MOST_COLUMNS) > arrays.pairs) return undefined;
  if (whileRunning > room || queries.some((i) => cost[i]! > room - rowBytes)) return undefined;
  const shares = pieces > 1 ? shared(queries, cost, pieces, rows) : [queries];
  const panels = shares.flatMap((share) => cutOrNone(share, cost, room - rowBytes));
  const least = LEAST_TOKENS * total(rows, lengths);
  if (panels.length > 1 && total(queries, lengths) < least * panels.length) return undefined;
  const tiles = panels.map((columns, i) => ({
    rows,
    columns,
    self: i === 0,
    first: true,
  }));
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
