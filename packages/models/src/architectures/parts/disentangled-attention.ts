import { tf } from '@ntk-lens/engine';
import type { DistanceRows } from '../../sites/distance-rows.js';
import { embeddingSite } from '../../sites/embedding.js';
import { linearSite } from '../../sites/linear.js';
import { normSite } from '../../sites/norm.js';
import type { Site } from '../../sites/site.js';
import type { SideInputs } from '../../stages/side-inputs.js';
import type { StageAccess } from '../../stages/stage-access.js';

/** The meetings of contents with distances, of a query from its key, in attention scores. */
export interface DistanceMeetings {
  /** Queries of contents meet keys of distances. */
  readonly queries: boolean;
  /** Keys of contents meet queries of distances. */
  readonly keys: boolean;
}

/** Names of modules that make queries and keys of distances. */
export interface DistanceModules {
  readonly query: string;
  readonly key: string;
  /** They are those that make queries and keys of contents. */
  readonly shared: boolean;
}

/** The table of distances, which all layers use. */
export interface DistanceTable {
  /** Parameter name of the table, whose rows are twice the span. */
  readonly table: string;
  readonly rows: DistanceRows;
  /** Module of the LayerNorm of its rows. Default: none. */
  readonly norm?: string;
  readonly eps: number;
}

/** The sites of a layer that use the table: a query or a key of each distance, twice as many as there are tokens. */
export const distanceSites = (
  { table, rows, norm, eps }: DistanceTable,
  { query, key, shared }: DistanceModules,
  { queries, keys }: DistanceMeetings,
  d: number,
): readonly Site[] => [
  embeddingSite('distances', rows, { name: table, shape: [2 * rows.span, d] }),
  ...(norm ? [normSite('distances.norm', norm, d, eps)] : []),
  // A bias of these keys adds the same to all scores of a query. One that is shared may do more as that of contents.
  ...(queries
    ? [linearSite('distances.key', key, d, d, { zeroBias: !(shared && keys), rowsPerToken: 2 })]
    : []),
  ...(keys ? [linearSite('distances.query', query, d, d, { rowsPerToken: 2 })] : []),
];

/** Numbers that the scores depend on. */
export interface DistanceSettings extends DistanceMeetings {
  readonly heads: number;
  /** Factor of the scores. */
  readonly scale: number;
  readonly norm: boolean;
  readonly dropout: number;
  /** Queries are those of the token that is read out alone. */
  readonly last: boolean;
}

/**
 * Columns start − x + k of row x for k = 0 … T − 1, of each matrix `[T, 2T]`. When all rows are cut anew from one long row, into
 * pieces one shorter, each begins one column earlier than the one before.
 */
const diagonals = (x: tf.Tensor, length: number, start: number): tf.Tensor => {
  const [n, heads] = x.shape as [number, number];
  return x
    .reshape([n, heads, 2 * length * length])
    .slice([0, 0, start], [n, heads, length * (2 * length - 1)])
    .reshape([n, heads, length, 2 * length - 1])
    .slice([0, 0, 0, 0], [n, heads, length, length]);
};

/**
 * The terms of disentangled attention (He et al. 2021) that are added to the score of query q and key k, `[n, heads, 1 or T, T]`:
 * (Q_q · K'_{q−k} + K_k · Q'_{q−k}) · scale. K' and Q' are made of a table of distances (docs/theory.md, Distances).
 *
 * @param query `[n, 1 or T, d]`
 * @param key `[n, T, d]`
 */
export const distanceScores = (
  { queries, keys, heads, scale, norm, dropout, last }: DistanceSettings,
  at: StageAccess,
  side: SideInputs,
  query: tf.Tensor,
  key: tf.Tensor,
): tf.Tensor => {
  const [n, length, d] = key.shape as [number, number, number];
  const looked = at.use('distances', key);
  const table = at.dropout('distances', norm ? at.use('distances.norm', looked) : looked, dropout);
  const split = (x: tf.Tensor) => x.reshape([n, x.shape[1]!, heads, d / heads]).transpose([0, 2, 1, 3]);
  // At the column of a distance; distances fall from the left to the right.
  const products = (content: tf.Tensor, distances: tf.Tensor) =>
    tf.matMul(split(content).mul(scale), split(distances), false, true);
  const parts: tf.Tensor[] = [];
  if (queries) {
    const columns = products(query, at.use('distances.key', table));
    const rows = last ? columns.mul(tf.ones([length, 1])) : columns;
    const all = diagonals(rows, length, length - 1);
    parts.push(last ? all.mul(side.readout.expandDims(3)).sum(2, true) : all);
  }
  if (keys) {
    const columns = products(key, at.use('distances.query', table).reverse(1));
    // From a key's row, distances rise with the query.
    const all = diagonals(columns, length, length);
    const row = () => all.mul(side.readout.expandDims(1)).sum(3).expandDims(2);
    parts.push(last ? row() : all.transpose([0, 1, 3, 2]));
  }
  return parts.reduce((sum, part) => sum.add(part));
};
