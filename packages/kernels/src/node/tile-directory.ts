import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy, encodeNpy, type NDArray, sha256, writeWhole } from '@ntk-lens/core';
import type { BlockLevel } from '../contract/accumulators.js';
import { OldTilesError, OtherTilesError } from '../errors.js';
import type { TileStore } from '../store/tile-store.js';

type Identity = Readonly<Record<string, unknown>>;

/** Version of the layout of tiles; unfinished work of another version is refused. */
const tilesVersion = 2;

/** Content of `tiles.json`. */
interface TilesFile {
  readonly format: 'ntk-lens-tiles';
  readonly version: typeof tilesVersion;
  /** What the tiles depend on. */
  readonly identity: Identity;
}

/** The identity in a list of tiles that was found. */
const identityIn = (directory: string, { format, version, identity }: Partial<TilesFile>): Identity => {
  const own = format === 'ntk-lens-tiles' && typeof identity === 'object';
  if (!own || version !== tilesVersion)
    throw new OldTilesError(directory, own && typeof version === 'number' ? version : 1, tilesVersion);
  return identity;
};

/**
 * Opens a directory of tiles. Each tile is a set of `.npy` files and a `.json` that lists them with their
 * SHA-256; the list is written last and by renaming, so a tile is there as a whole or not at all.
 *
 * @param identity what the tiles depend on; equal identities give equal bytes
 * @throws OtherTilesError, which names the fields that differ, when the directory holds tiles of another identity;
 *   OldTilesError when it holds those of another version
 */
export const openTileStore = async (directory: string, identity: Identity): Promise<TileStore> => {
  const path = (name: string) => join(directory, name);
  const stored = await readJson<Partial<TilesFile>>(path(listName));
  if (stored) {
    const known = identityIn(directory, stored);
    const fields = [...new Set([...Object.keys(known), ...Object.keys(identity)])];
    const differences = fields
      .filter((field) => JSON.stringify(known[field]) !== JSON.stringify(identity[field]))
      .map((field) => ({ field, found: known[field] ?? null, expected: identity[field] ?? null }));
    if (differences.length > 0) throw new OtherTilesError(directory, differences);
  } else {
    const file: TilesFile = { format: 'ntk-lens-tiles', version: tilesVersion, identity };
    await writeWhole(path(listName), JSON.stringify(file, null, 2));
  }

  return {
    read: async (tile) => {
      const list = await readJson<Record<string, string>>(path(`${tile}.json`));
      if (!list) return undefined;
      const arrays: Record<string, NDArray> = {};
      for (const [i, [name, sum]] of Object.entries(list).entries()) {
        const bytes = await readFile(path(fileName(tile, i))).catch(() => undefined);
        if (!bytes || hashOf(bytes) !== sum) return undefined;
        arrays[name] = decodeNpy(bytes);
      }
      return arrays;
    },
    write: async (tile, arrays) => {
      const list: Record<string, string> = {};
      for (const [i, [name, array]] of Object.entries(arrays).entries()) {
        const bytes = encodeNpy(array);
        await writeWhole(path(fileName(tile, i)), bytes);
        list[name] = hashOf(bytes);
      }
      await writeWhole(path(`${tile}.json`), JSON.stringify(list));
    },
  };
};

/**
 * Removes the tiles of finished computations, and the directory when none are left.
 *
 * @param levels of the computations that are finished; of another one there may be one under way. Default: all
 * @internal
 */
export const removeTiles = async (directory: string, levels?: readonly BlockLevel[]): Promise<void> => {
  const names = await readdir(directory).catch(() => []);
  const [gone, left] = [new Set<string>(), new Set<string>()];
  for (const name of names) {
    if (name.startsWith(listName)) continue;
    const finished = levels === undefined || levels.some((level) => name.startsWith(`${level}-`));
    (finished ? gone : left).add(name);
  }
  if (left.size === 0) return rm(directory, { recursive: true, force: true });
  for (const name of gone) await rm(join(directory, name), { force: true });
};

/** What the tiles of a directory depend on. */
const listName = 'tiles.json';

const fileName = (tile: string, array: number): string => `${tile}-${array}.npy`;

const hashOf = (bytes: Uint8Array): string => sha256().update(bytes).hex();

const readJson = async <T>(path: string): Promise<T | undefined> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
};
