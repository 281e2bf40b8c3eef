import type { PlannedTile } from '../plan/tile-plan.js';

/** The work of one part of a kernel, which is a sweep of the plan. */
export interface PartPlan {
  /** FLOPs of everything, except what is computed once for several parts. */
  readonly flops: number;
  /** FLOPs of it on examples that an earlier part runs, too, and on gradients that one forms. */
  readonly repeatedFlops: number;
  /** Bytes of its tiles, as they are kept. */
  readonly bytes: number;
}

/** Bytes of a tile's arrays, float64. */
export const tileBytes = (
  { rows, columns, self }: PlannedTile,
  outputs: number,
  symmetric: boolean,
): number =>
  8 * outputs ** 2 * rows.length * ((symmetric ? 1 : 2) * columns.length + (self ? rows.length : 0));
