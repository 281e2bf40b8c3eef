import type { NDArray } from '@ntk-lens/core';
import { isSymmetric, type MapPair } from '../formulas/formula.js';
import type { GradientMap } from '../formulas/gradient-map.js';
import type { MapFactors } from '../formulas/mapped-gram.js';
import type { PanelAxis } from './kernel-accumulator.js';
import { mapSides, pairs, type Sides } from './pairs.js';
import type { TileKernels } from './tile-kernels.js';

/** Gradients of one batch with respect to a large table, as rows by token id: `[C][example] → id → row`. */
export type TableGradients = readonly (readonly ReadonlyMap<number, Float32Array>[])[];

/** Table gradients of one batch, and where its examples stand. */
export interface TableFactors extends PanelAxis {
  readonly gradients: TableGradients;
}

/** Factors of a map for a row of the table. */
export type RowFactors = (id: number) => ArrayLike<number>;

/**
 * Sums the cotangents of equal tokens: ∂row_i = Σ_{t : id_t = i} b_t.
 *
 * @param e cotangents of the embedding's output, `[C, n, T, d]`
 * @param ids token ids of each example, without padding
 */
export const tableGradients = (e: NDArray, ids: readonly (readonly number[])[]): TableGradients => {
  const [outputs, n, length, width] = e.shape as [number, number, number, number];
  return Array.from({ length: outputs }, (_, c) =>
    Array.from({ length: n }, (_, i) => {
      const rows = new Map<number, Float32Array>();
      for (const [t, id] of ids[i]!.entries()) {
        const start = ((c * n + i) * length + t) * width;
        const cotangent = e.data.subarray(start, start + width) as Float32Array;
        const row = rows.get(id);
        if (!row) rows.set(id, cotangent.slice());
        else for (let k = 0; k < width; k++) row[k]! += cotangent[k]!;
      }
      return rows;
    }),
  );
};

/** Adds the gradients of decoder rows to those of the word embeddings: one parameter, two uses (`tied`). */
export const addDecoderRows = (
  words: TableGradients,
  decoder: TableGradients | undefined,
): TableGradients => {
  if (!decoder) return words;
  return words.map((examples, c) =>
    examples.map((rows, i) => {
      const sum = new Map(rows);
      for (const [id, y] of decoder[c]![i]!) {
        const x = sum.get(id);
        sum.set(id, x ? x.map((value, k) => value + y[k]!) : y);
      }
      return sum;
    }),
  );
};

/** Table gradients of a batch under both maps of a formula; one that is both is made once. */
interface MappedTable extends PanelAxis {
  readonly train: TableGradients;
  readonly query: TableGradients;
}

const mappedTable = (
  { gradients, indices }: TableFactors,
  { train, query }: MapPair,
  factors: MapFactors<RowFactors>,
): MappedTable => {
  const by = (map: GradientMap, factor: RowFactors | undefined): TableGradients =>
    gradients.map((examples) =>
      examples.map(
        (rows) => new Map([...rows].map(([id, row]) => [id, map.numbers(row, factor?.(id))] as const)),
      ),
    );
  const trained = by(train, factors.train);
  return { indices, train: trained, query: train === query ? trained : by(query, factors.query) };
};

/** ⟨left, right⟩ of the rows that both have. */
const product = (
  left: ReadonlyMap<number, Float32Array>,
  right: ReadonlyMap<number, Float32Array>,
): number => {
  let sum = 0;
  for (const [id, x] of left) {
    const y = right.get(id);
    if (y) sum += dot(x, y);
  }
  return sum;
};

/** Kernel panel `[C·n, C'·m]` of two batches. */
const tableGram = (left: TableGradients, right: TableGradients): Float64Array => {
  const rows = left.flat();
  const columns = right.flat();
  const panel = new Float64Array(rows.length * columns.length);
  for (const [i, x] of rows.entries())
    for (const [j, y] of columns.entries()) panel[i * columns.length + j] = product(x, y);
  return panel;
};

const dot = (x: Float32Array, y: Float32Array): number => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < x.length; k += 4) {
    s0 += x[k]! * y[k]!;
    s1 += x[k + 1]! * y[k + 1]!;
    s2 += x[k + 2]! * y[k + 2]!;
    s3 += x[k + 3]! * y[k + 3]!;
  }
  for (; k < x.length; k++) s0 += x[k]! * y[k]!;
  return s0 + s1 + s2 + s3;
};

/** Adds the contribution of a large table's gradients to the kernels. */
export const contractRows = (
  tables: Sides<TableFactors>,
  factors: MapFactors<RowFactors>,
  into: TileKernels,
): void => {
  const mapped = mapSides(tables, (table) => mappedTable(table, into.maps, factors));
  const symmetric = isSymmetric(into.maps);
  for (const pair of pairs(mapped, into.wanted)) {
    const { x, y, target } = pair;
    const flipped = !symmetric && target === 'cross' ? tableGram(x.query, y.train) : undefined;
    into.add(pair, { kernel: tableGram(x.train, y.query), flipped });
  }
  if (!into.diagonal) return;
  for (const y of mapped.columns) {
    const queries = y.query.flat();
    into.addDiagonal(
      y,
      y.train.flat().map((row, i) => product(row, queries[i]!)),
    );
  }
};
