import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeNpy,
  FileSystemError,
  fileHash,
  isError,
  type NDArray,
  NpyFormatError,
  namesIn,
  npyHeader,
  openNpyRows,
  type RowSource,
  readIfThere,
  readSealedJson,
  type SealedJson,
  sha256,
  writeSealedJson,
  writeWhole,
} from '@ntk-lens/core';
import type { BlockLevel } from '../contract/accumulators.js';
import { OldTilesError, OtherTilesError } from '../errors.js';
import { isOfStates } from '../store/stored-states.js';
import type { TileStore } from '../store/tile-store.js';

type Identity = Readonly<Record<string, unknown>>;

/** Version of the layout of tiles and of the way in which they are planned; unfinished work of another version is refused. */
const tilesVersion = 7;

/** The content of a tile's list, sealed with its own hash. */
interface TileList {
  readonly format: 'ntk-lens-tile';
  /** SHA-256 of the identity of the tiles, which covers run and plan. */
  readonly of: string;
  /** Identifies the part of the plan. */
  readonly tile: string;
  /** Name of each array and SHA-256 of its file, in the order of files. */
  readonly arrays: readonly (readonly [name: string, sha256: string])[];
}

/** Compares what was found in `tiles.json` with what was asked for; a list that is damaged says nothing. */
const refuseOthers = (directory: string, { fields, whole }: SealedJson, identity: Identity): void => {
  const { format, version, identity: known } = fields ?? {};
  const own = format === 'ntk-lens-tiles';
  if (fields && (!own || (typeof version === 'number' && version !== tilesVersion)))
    throw new OldTilesError(directory, own ? (version as number) : 1, tilesVersion);
  if (!whole) return;
  const found = known as Identity;
  const names = [...new Set([...Object.keys(found), ...Object.keys(identity)])];
  const differences = names
    .filter((field) => JSON.stringify(found[field]) !== JSON.stringify(identity[field]))
    .map((field) => ({ field, found: found[field] ?? null, expected: identity[field] ?? null }));
  if (differences.length > 0) throw new OtherTilesError(directory, differences);
};

/**
 * Opens a directory of tiles. Each tile is a set of `.npy` files and a `.json` that lists them with their
 * SHA-256 and says of which computation and plan it is. The list is written last and by renaming, so a tile
 * is there as a whole or not at all. A tile that is damaged, or of another computation, counts as not there.
 *
 * @param identity identity of the tiles; equal identities give equal bytes
 * @throws OtherTilesError, which names the fields that differ, when the directory holds tiles of another
 * identity;
 *   OldTilesError when it holds those of another version; FileSystemError
 */
export const openTileStore = async (directory: string, identity: Identity): Promise<TileStore> => {
  const path = (name: string) => join(directory, name);
  const stored = await readSealedJson(path(listName));
  if (stored) refuseOthers(directory, stored, identity);
  if (!stored?.whole)
    await writeSealedJson(path(listName), { format: 'ntk-lens-tiles', version: tilesVersion, identity });
  const own = { format: 'ntk-lens-tile', of: hashOf(JSON.stringify(identity)) } as const;

  /** Names of a tile's arrays with their sums; undefined where its list is not what was written. */
  const listOf = async (tile: string): Promise<TileList['arrays'] | undefined> => {
    const found = await readSealedJson(path(`${tile}.json`));
    if (!found?.whole) return undefined;
    const list = found.fields as unknown as TileList;
    if (list.format !== own.format || list.of !== own.of || list.tile !== tile) return undefined;
    const { arrays } = list;
    return Array.isArray(arrays) && (arrays as readonly unknown[]).every(Array.isArray) ? arrays : undefined;
  };

  return {
    read: async (tile) => {
      const list = await listOf(tile);
      if (!list) return undefined;
      const arrays: Record<string, NDArray> = {};
      for (const [i, [name, sum]] of list.entries()) {
        const bytes = await readIfThere(path(fileName(tile, i)));
        if (!bytes || hashOf(bytes) !== sum) return undefined;
        arrays[name] = decodeNpy(bytes);
      }
      return arrays;
    },
    open: async (tile) => {
      const list = await listOf(tile);
      if (!list) return undefined;
      const arrays: Record<string, RowSource> = {};
      for (const [i, [name, sum]] of list.entries()) {
        const rows = await wholeRows(path(fileName(tile, i)), sum);
        if (!rows) return undefined;
        arrays[name] = rows;
      }
      return arrays;
    },
    write: async (tile, arrays) => {
      const list: [string, string][] = [];
      for (const [i, [name, array]] of Object.entries(arrays).entries()) {
        const hash = sha256();
        await writeWhole(path(fileName(tile, i)), async (append) => {
          for (const piece of npyPieces(array)) {
            hash.update(piece);
            await append(piece);
          }
        });
        list.push([name, hash.hex()]);
      }
      const content: TileList = { ...own, tile, arrays: list };
      await writeSealedJson(path(`${tile}.json`), { ...content }, 0);
    },
  };
};

/**
 * Removes the tiles of finished computations, and the directory when none are left.
 *
 * @param levels the levels of the computations that are finished; one of another level may be under way.
 * Default: all
 * @internal
 */
export const removeTiles = async (directory: string, levels?: readonly BlockLevel[]): Promise<void> => {
  const names = await namesIn(directory);
  const [gone, left] = [new Set<string>(), new Set<string>()];
  for (const name of names) {
    if (name.startsWith(listName)) continue;
    const isOfLevel = levels === undefined || levels.some((level) => name.startsWith(`${level}-`));
    // States serve all levels, and tiles that are there need none.
    const finished = isOfLevel || isOfStates(name);
    (finished ? gone : left).add(name);
  }
  if (left.size === 0) return rm(directory, { recursive: true, force: true });
  for (const name of gone) await rm(join(directory, name), { force: true });
};

/** The identity of a directory's tiles. */
const listName = 'tiles.json';

const fileName = (tile: string, array: number): string => `${tile}-${array}.npy`;

/** The bytes of a `.npy` file, without a copy of the array's. */
const npyPieces = ({ dtype, shape, data }: NDArray): readonly Uint8Array[] => [
  npyHeader(dtype, shape),
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
];

const hashOf = (content: string | Uint8Array): string => sha256().update(content).hex();

/** The rows of a file whose bytes have this sum; undefined where they have another, or there is none. */
const wholeRows = async (file: string, sum: string): Promise<RowSource | undefined> => {
  try {
    return (await fileHash(file, { verify: true })) === sum ? await openNpyRows(file) : undefined;
  } catch (error) {
    const gone = isError(error, FileSystemError) && error.systemCode === 'ENOENT';
    if (gone || isError(error, NpyFormatError)) return undefined;
    throw error;
  }
};
