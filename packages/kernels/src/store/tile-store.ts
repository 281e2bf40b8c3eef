import type { NDArray, RowSource } from '@ntk-lens/core';

/** Where finished tiles are kept, so that an interrupted computation resumes. */
export interface TileStore {
  /** Arrays of a finished tile; undefined if it is not finished or not whole. */
  read(tile: string): Promise<Readonly<Record<string, NDArray>> | undefined>;
  /** Writes a tile; it counts as finished only when all of it is there. */
  write(tile: string, arrays: Readonly<Record<string, NDArray>>): Promise<void>;
  /**
   * Arrays of a finished tile, of which rows are read when they are needed; undefined if it is not finished or not whole. Absent
   * in a store that has its tiles in memory.
   */
  open?(tile: string): Promise<Readonly<Record<string, RowSource>> | undefined>;
}

/**
 * Keeps tiles in memory, so that a computation that was cancelled goes on where it stopped.
 *
 * @example
 * ```ts
 * const store = memoryTileStore();
 * await computeKernels({ ...request, store, signal }).catch(() => {}); // cancelled
 * await computeKernels({ ...request, store }); // computes what was not finished
 * ```
 * @param tiles the finished tiles, to which the others are added
 * @returns a store for one request: equal names of tiles mean equal tiles
 */
export const memoryTileStore = (
  tiles: Map<string, Readonly<Record<string, NDArray>>> = new Map(),
): TileStore => ({
  read: async (tile) => structuredClone(tiles.get(tile)),
  write: async (tile, arrays) => void tiles.set(tile, structuredClone(arrays)),
});
