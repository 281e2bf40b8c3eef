import type { NDArray } from '@ntk-lens/core';
import type { BlockLevel } from '../contract/accumulators.js';
import type { TileArrays } from '../contract/tile-kernels.js';
import type { TileStore } from './tile-store.js';

/** The results of one tile. */
export interface Tile {
  /** f(·; θ₀) of rows, then columns, `[n, C]`. */
  readonly logits: NDArray;
  readonly parts: Readonly<Record<string, TileArrays>>;
}

/** The name of a tile in a store. */
export const tileName = (level: BlockLevel, index: number): string =>
  `${level}-${String(index).padStart(4, '0')}`;

/** Keeps a tile: its `logits`, and `<array>:<part>`. */
export const writeTile = async (
  store: TileStore | undefined,
  level: BlockLevel,
  index: number,
  tile: Tile,
): Promise<void> =>
  store?.write(tileName(level, index), {
    logits: tile.logits,
    ...Object.fromEntries(
      Object.entries(tile.parts).flatMap(([part, arrays]) =>
        Object.entries<NDArray | undefined>({ ...arrays }).flatMap(([array, data]) =>
          data ? [[`${array}:${part}`, data] as const] : [],
        ),
      ),
    ),
  });

/** A tile that was kept; undefined where it is not finished or not whole. */
export const readTile = async (
  store: TileStore | undefined,
  level: BlockLevel,
  index: number,
): Promise<Tile | undefined> => {
  const { logits, ...arrays } = (await store?.read(tileName(level, index))) ?? {};
  if (!logits) return undefined;
  const parts: Record<string, Record<string, NDArray>> = {};
  for (const [name, array] of Object.entries(arrays)) {
    const [kind, part] = name.split(/:(.*)/s) as [string, string?];
    if (part !== undefined) parts[part] = { ...parts[part], [kind]: array };
  }
  return { logits, parts: parts as unknown as Record<string, TileArrays> };
};
