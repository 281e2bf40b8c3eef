/** The rows of a table for the distances of two tokens, as in DeBERTa (He et al. 2021). */
export interface DistanceRows {
  /** Rows for either sign: the table has twice as many. */
  readonly span: number;
  /**
   * Distances of at least half the span share rows, by ranges that grow geometrically up to this one. Default: every
   * distance has a row of its own, up to the span.
   */
  readonly maxDistance?: number;
}

/** In float32, as transformers computes it: the ranges begin at the same distances. */
const { fround } = Math;
const logarithm = (x: number): number => fround(Math.log(fround(x)));

/** Distances by range: itself up to half the span, then by its logarithm. */
const ranged = (distance: number, { span, maxDistance }: DistanceRows): number => {
  const exact = Math.floor(span / 2);
  const away = Math.abs(distance);
  if (maxDistance === undefined || away <= exact) return distance;
  const part = fround(logarithm(away / exact) / logarithm((maxDistance - 1) / exact));
  return Math.sign(distance) * (Math.ceil(fround(part * (exact - 1))) + exact);
};

/** The row for a query that stands `distance` tokens behind its key. */
export const rowOfDistance = (distance: number, rows: DistanceRows): number =>
  Math.min(Math.max(ranged(distance, rows) + rows.span, 0), 2 * rows.span - 1);

/**
 * The distances of T tokens, from the largest down: T − 1 … −T. The last does not occur, and makes twice as many as there
 * are tokens.
 */
export const distancesOf = (length: number): number[] =>
  Array.from({ length: 2 * length }, (_, column) => length - 1 - column);
