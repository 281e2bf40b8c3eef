import type { NDArray } from './ndarray.js';

/** A float64 matrix whose rows are read when they are needed, such as one in a file that is larger than memory. */
export interface RowSource {
  readonly shape: readonly [rows: number, columns: number];
  /**
   * Rows `from` to `from + count`, row-major.
   *
   * @param into taken for the result where it has room for it
   * @throws what the place of the rows throws
   */
  read(from: number, count: number, into?: Float64Array): Promise<Float64Array>;
}

/** Some rows of a source. */
export interface RowBlock {
  readonly from: number;
  readonly count: number;
  /** Row-major `[count, columns]`; its memory is used again for the next block. */
  readonly data: Float64Array;
}

/** Bytes of a block of rows, where nobody says otherwise: reading is at its full rate, and a block is near a cache. */
export const BLOCK_BYTES = 2 ** 25;

/**
 * The rows of an array in memory. Its first axes are rows, the other half are columns, as in a kernel
 * `[train, C, query, C]`.
 *
 * @example
 * ```ts
 * const rows = rowsIn(ndarray(Float64Array.of(2, 1, 1, 2), [2, 2]));
 * await rows.read(1, 1); // [1, 2]
 * ```
 */
export const rowsIn = ({ data, shape }: NDArray<'float64'>): RowSource => {
  const [rows, columns] = matrixShape(shape);
  return {
    shape: [rows, columns],
    read: async (from, count, into) => {
      const part = data.subarray(from * columns, (from + count) * columns);
      if (into === undefined || into.length < part.length) return part.slice();
      into.set(part);
      return into.subarray(0, part.length);
    },
  };
};

/** Rows and columns of an array: those of a vector are its entries in one column. */
export const matrixShape = (shape: readonly number[]): readonly [rows: number, columns: number] => {
  const axes = Math.ceil(shape.length / 2);
  const product = (sizes: readonly number[]) => sizes.reduce((size, n) => size * n, 1);
  return [product(shape.slice(0, axes)), product(shape.slice(axes))];
};

/**
 * The blocks of a source, in order. Every block is a multiple of `together` rows.
 *
 * @example
 * ```ts
 * for await (const { from, data } of rowBlocks(source)) console.log(from, data[0]);
 * ```
 * @param bytes size of a block, at most, as far as `together` rows fit
 * @param together rows that belong together, such as the outputs of an example. Default: 1
 */
export async function* rowBlocks(
  source: RowSource,
  bytes = BLOCK_BYTES,
  together = 1,
): AsyncGenerator<RowBlock> {
  const [rows, columns] = source.shape;
  const most = rowsWithin(bytes, columns, together);
  const memory = new Float64Array(Math.min(rows, most) * columns);
  for (let from = 0; from < rows; from += most) {
    const count = Math.min(most, rows - from);
    yield { from, count, data: await source.read(from, count, memory) };
  }
}

/** Rows of float64 numbers within so many bytes, a multiple of `together` and at least that. */
export const rowsWithin = (bytes: number, columns: number, together = 1): number =>
  together * Math.max(1, Math.floor(bytes / (8 * Math.max(1, columns) * together)));
