/** One tile: rows against columns, and the rows among themselves. Numbers count all examples, training first. */
export interface PlannedTile {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** Rows against rows as well. */
  readonly self: boolean;
  /** The columns are queries that no earlier tile has seen. */
  readonly first: boolean;
}

/**
 * Tiles of the same rows that are computed together: all examples go through the stages once, and in every stage the
 * factors of one tile's columns after another meet those of the rows.
 */
export type Sweep = readonly PlannedTile[];

export interface TilePlan {
  readonly tiles: readonly PlannedTile[];
  /** The same tiles, in the same order, as they are computed. */
  readonly sweeps: readonly Sweep[];
  /** Estimated peak of the largest sweep, bytes. */
  readonly peakBytes: number;
  /** Bytes of it that the sweep's examples take. */
  readonly exampleBytes: number;
  /**
   * Bytes of the factors of the rows, which are the same in all tiles, where they are computed once and stay until the last
   * sweep. Without them every sweep runs its rows.
   */
  readonly keptRowBytes?: number;
  /** Bytes for a block of rows, where the kernel is never in memory as a whole. */
  readonly blockBytes?: number;
}

/** The numbers of tiles, by which a store names them. */
export const tileNumbers = ({ tiles }: TilePlan): ReadonlyMap<PlannedTile, number> =>
  new Map(tiles.map((tile, number) => [tile, number]));

/** Bytes that examples take in addition for each of their tokens, and that the tiles leave. */
export interface ExtraBytes {
  readonly perToken: number;
  readonly once: number;
}

export const noExtra: ExtraBytes = { perToken: 0, once: 0 };
