import { tf } from '@ntk-lens/engine';
import type { ParameterRef } from './parameter-ref.js';
import { required, type SiteKind } from './site-kind.js';

/** y = row of a table: ∂row_i = Σ_{t : id_t = i} b_t. */
export interface EmbeddingSite {
  readonly kind: 'embedding';
  readonly name: string;
  readonly table: ParameterRef;
  /** The side input that holds the row numbers; `rows`: every example uses all rows, in order. */
  readonly ids: 'ids' | 'positions' | 'types' | 'rows';
}

/**
 * A use of a table whose rows are looked up, for a stage of one's own.
 *
 * @example
 * ```ts
 * embeddingSite('word', 'ids', { name: 'wte.weight', shape: [50257, 768] });
 * ```
 * @param name name of the site in its stage
 * @param ids the side input that holds the row numbers; `rows`: every example uses all rows
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

/** All rows of a table for each of n examples, `[n, rows, width]`. */
const everyRow = (table: tf.Tensor, n: number): { readonly ids: tf.Tensor; readonly rows: tf.Tensor } => {
  const [count, width] = table.shape as [number, number];
  const numbers = Int32Array.from({ length: n * count }, (_, i) => i % count);
  return {
    ids: tf.tensor2d(numbers, [n, count], 'int32'),
    rows: table.reshape([1, count, width]).tile([n, 1, 1]),
  };
};

export const embedding: SiteKind<EmbeddingSite> = {
  parameters: ({ table, ids }) => [
    { role: 'table', ref: table, inFirst: true, lookup: ids === 'rows' ? undefined : ids },
  ],
  fanIn: () => 1,
  outSize: ({ table }) => table.shape[1] ?? 1,
  /** Where `ids` is `rows`, the input may be any tensor that has a row for each example. */
  apply: ({ name, ids: by }, { context, weight }, x) => {
    const table = required(weight('table'), name);
    if (by === 'rows') {
      const { ids, rows } = everyRow(table, x.shape[0]!);
      return context.site(name, ids, rows);
    }
    const rows = tf.gather(table, x.flatten().toInt()).reshape([...x.shape, table.shape[1]!]);
    return context.site(name, x, rows);
  },
};
