import { type NDArray, type RowSource, rowsIn } from '@ntk-lens/core';
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
  return logits && { logits, parts: byPart(arrays) as unknown as Record<string, TileArrays> };
};

/** The arrays of one part of a tile, of which rows are read when they are needed. */
export type OpenedArrays = { readonly [array in keyof TileArrays]?: RowSource };

/** A tile whose arrays stay where they are. */
export interface OpenedTile {
  readonly logits: RowSource;
  readonly parts: Readonly<Record<string, OpenedArrays>>;
}

/** A tile that was kept, to be read by rows; undefined where it is not finished or not whole. */
export const openTile = async (
  store: TileStore | undefined,
  level: BlockLevel,
  index: number,
): Promise<OpenedTile | undefined> => {
  const name = tileName(level, index);
  const { logits, ...arrays } = (await (store?.open ? store.open(name) : inMemory(store, name))) ?? {};
  return logits && { logits, parts: byPart(arrays) };
};

const inMemory = async (
  store: TileStore | undefined,
  name: string,
): Promise<Record<string, RowSource> | undefined> => {
  const arrays = await store?.read(name);
  return (
    arrays &&
    Object.fromEntries(
      Object.entries(arrays).map(([key, array]) => [key, rowsIn(array as NDArray<'float64'>)]),
    )
  );
};

/** Arrays that are named `<array>:<part>`. */
const byPart = <T>(arrays: Readonly<Record<string, T>>): Record<string, Record<string, T>> => {
  const parts: Record<string, Record<string, T>> = {};
  for (const [name, array] of Object.entries(arrays)) {
    const [kind, part] = name.split(/:(.*)/s) as [string, string?];
    if (part !== undefined) parts[part] = { ...parts[part], [kind]: array };
  }
  return parts;
};
