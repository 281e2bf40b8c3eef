import { tf } from '@ntk-lens/engine';
import { type DistanceRows, distancesOf, rowOfDistance } from './distance-rows.js';
import type { ParameterRef } from './parameter-ref.js';
import { required, type SiteKind } from './site-kind.js';

/** y = row of a table: ∂row_i = Σ_{t : id_t = i} b_t. */
export interface EmbeddingSite {
  readonly kind: 'embedding';
  readonly name: string;
  readonly table: ParameterRef;
  /**
   * The side input that holds the row numbers; `rows`: every example uses all rows, in order; rows of distances: one for each
   * distance of two of its tokens.
   */
  readonly ids: 'ids' | 'positions' | 'types' | 'rows' | DistanceRows;
}

/**
 * A use of a table whose rows are looked up, for a stage of one's own.
 *
 * @example
 * ```ts
 * embeddingSite('word', 'ids', { name: 'wte.weight', shape: [50257, 768] });
 * ```
 * @param name name of the site in its stage
 * @param ids the side input that holds the row numbers; `rows`: every example uses all rows; or the rows of distances,
 *   whose output has two rows for each token, in the order of `distancesOf`
 */
export const embeddingSite = (
  name: string,
  ids: EmbeddingSite['ids'],
  table: ParameterRef,
): EmbeddingSite => ({ kind: 'embedding', name, ids, table });

/**
 * The embeddings of words among the sites of a stage.
 *
 * @example
 * ```ts
 * const [word] = model.stages([0, 1]).flatMap(({ sites }) => wordSites(sites));
 * word.table.shape; // [vocabulary, width]
 * ```
 */
export const wordSites = <S extends { readonly kind: string }>(
  sites: readonly S[],
): Extract<S, EmbeddingSite>[] =>
  sites.filter(
    (site): site is Extract<S, EmbeddingSite> =>
      site.kind === 'embedding' && (site as unknown as EmbeddingSite).ids === 'ids',
  );

/** Row numbers and rows for each of n examples, which use the same: `[n, rows]` and `[n, rows, width]`. */
interface SharedRows {
  readonly ids: tf.Tensor;
  readonly rows: tf.Tensor;
}

const sharedRows = (rows: tf.Tensor, numbers: readonly number[], n: number): SharedRows => ({
  ids: tf.tensor(Array.from({ length: n }, () => numbers).flat(), [n, numbers.length], 'int32'),
  rows: rows.expandDims(0).tile([n, 1, 1]),
});

/** All rows of a table. */
const everyRow = (table: tf.Tensor, n: number): SharedRows =>
  sharedRows(table, [...Array(table.shape[0]!).keys()], n);

/** One row for each distance of T tokens. */
const distanceRows = (table: tf.Tensor, distances: DistanceRows, n: number, length: number): SharedRows => {
  const numbers = distancesOf(length).map((distance) => rowOfDistance(distance, distances));
  // A product, which has a derivative everywhere.
  const chosen = tf.oneHot(tf.tensor1d(numbers, 'int32'), table.shape[0]!).toFloat() as tf.Tensor2D;
  return sharedRows(tf.matMul(chosen, table as tf.Tensor2D), numbers, n);
};

export const embedding: SiteKind<EmbeddingSite> = {
  parameters: ({ table, ids }) => [
    {
      role: 'table',
      ref: table,
      inFirst: true,
      lookup: typeof ids === 'object' || ids === 'rows' ? undefined : ids,
    },
  ],
  fanIn: () => 1,
  outSize: ({ table }) => table.shape[1] ?? 1,
  /**
   * Where `ids` is `rows`, the input may be any tensor that has a row for each example; for distances, it has one for each
   * token of each example.
   */
  apply: ({ name, ids: by }, { context, weight }, x) => {
    const table = required(weight('table'), name);
    const [n, length] = x.shape as [number, number];
    if (by === 'rows' || typeof by === 'object') {
      const { ids, rows } = by === 'rows' ? everyRow(table, n) : distanceRows(table, by, n, length);
      return context.site(name, ids, rows);
    }
    const rows = tf.gather(table, x.flatten().toInt()).reshape([...x.shape, table.shape[1]!]);
    return context.site(name, x, rows);
  },
};
