import { ndarray, type RowSource, rowsWithin } from '@ntk-lens/core';
import type { KernelFormula } from './formulas/formula.js';
import type { PlannedTile } from './plan/tile-plan.js';
import type { OpenedArrays } from './store/stored-tile.js';

/** A tile of the plan, with its arrays. */
export interface TileSource {
  readonly planned: PlannedTile;
  readonly arrays: OpenedArrays;
}

/** The kernel of training examples against some of all examples. */
export interface TiledKernel {
  readonly formula: KernelFormula;
  readonly tiles: readonly TileSource[];
  /** Number of training examples. */
  readonly train: number;
  /** C. */
  readonly outputs: number;
  /** The first query, counted among all examples, and their number. */
  readonly start: number;
  readonly count: number;
  /** Take the array with the maps exchanged, of a formula that is not symmetric. */
  readonly flipped: boolean;
  /** K(ξ, ξ) of every example and output, where the formula's `finish` needs it. */
  readonly diagonal: Float64Array;
}

/** Bytes of a tile that are in memory at once. */
const PIECE_BYTES = 2 ** 23;

/**
 * The rows of a kernel `[train · C, query · C]`, put together from its tiles when they are read. Rows of whole examples are read,
 * and every read goes through the tiles, so few large reads are best.
 */
export const tiledRows = (kernel: TiledKernel): RowSource => {
  const { formula, train, outputs: c, start, count, diagonal } = kernel;
  const columns = count * c;
  const diagonalOf = (from: number, examples: number) => diagonal.subarray(from * c, (from + examples) * c);
  return {
    shape: [train * c, columns],
    read: async (from, rows, into) => {
      if (from % c !== 0 || rows % c !== 0) throw new Error('Rows of whole examples are read.');
      const length = rows * columns;
      const data =
        into && into.length >= length ? into.subarray(0, length).fill(0) : new Float64Array(length);
      const block = { from: from / c, to: (from + rows) / c, data };
      for (const tile of kernel.tiles) await putTile(kernel, tile, block);
      if (!formula.finish) return data;
      const examples = rows / c;
      const array = ndarray<'float64'>(data, [examples, c, count, c]);
      return formula.finish(array, diagonalOf(block.from, examples), diagonalOf(start, count)).data;
    },
  };
};

/** Some rows of the kernel: training examples `from` to `to`. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly data: Float64Array;
}

/** The arrays of a tile that belong to the kernel as they are, and those that are transposed in it. */
const putTile = async (kernel: TiledKernel, { planned, arrays }: TileSource, block: Block): Promise<void> => {
  const { rows, columns } = planned;
  const { self, cross, flipped } = arrays;
  await put(kernel, block, rows, rows, self, kernel.flipped);
  await put(kernel, block, rows, columns, kernel.flipped ? flipped : cross, false);
  // Training examples among the columns are rows too: K(b, a) is K(a, b), or for A-SignGD its flipped.
  await put(kernel, block, rows, columns, kernel.flipped ? cross : (flipped ?? cross), true);
};

/** Copies what a panel `[rows · C, columns · C]`, or its transpose, has of a block. */
const put = async (
  { outputs: c, start, count, train }: TiledKernel,
  { from, to, data }: Block,
  rows: readonly number[],
  columns: readonly number[],
  panel: RowSource | undefined,
  transpose: boolean,
): Promise<void> => {
  if (!panel) return;
  const isQuery = (i: number) => i >= start && i < start + count;
  const isRow = (i: number) => i >= from && i < to && i < train;
  const places = (indices: readonly number[], is: (i: number) => boolean) =>
    indices.flatMap((index, i) => (is(index) ? [i] : []));
  const left = places(rows, transpose ? isQuery : isRow);
  const right = places(columns, transpose ? isRow : isQuery);
  if (left.length === 0 || right.length === 0) return;
  const width = count * c;
  const panelWidth = columns.length * c;
  for await (const { first, examples, values } of pieces(panel, left, c)) {
    for (let i = 0; i < examples; i++) {
      const row = rows[first + i]!;
      if (!(transpose ? isQuery(row) : isRow(row))) continue;
      for (let p = 0; p < c; p++) {
        const source = (i * c + p) * panelWidth;
        for (const j of right) {
          const column = columns[j]!;
          const value = source + j * c;
          if (transpose) {
            const target = (column - from) * c * width + (row - start) * c + p;
            for (let q = 0; q < c; q++) data[target + q * width] = values[value + q]!;
          } else {
            const target = ((row - from) * c + p) * width + (column - start) * c;
            for (let q = 0; q < c; q++) data[target + q] = values[value + q]!;
          }
        }
      }
    }
  }
};

/** Pieces of a panel that hold the examples at some places, which ascend. */
async function* pieces(
  panel: RowSource,
  places: readonly number[],
  outputs: number,
): AsyncGenerator<{ readonly first: number; readonly examples: number; readonly values: Float64Array }> {
  const most = rowsWithin(PIECE_BYTES, panel.shape[1], outputs) / outputs;
  let memory: Float64Array | undefined;
  for (let k = 0; k < places.length; ) {
    const first = places[k]!;
    let last = first;
    while (k < places.length && places[k]! < first + most) last = places[k++]!;
    const examples = last - first + 1;
    const values = await panel.read(first * outputs, examples * outputs, memory);
    memory ??= values;
    if (values.length > memory.length) memory = values;
    yield { first, examples, values };
  }
}
