import {
  type NDArray,
  type RowSource,
  rowBlocks,
  type SplitName,
  throwIfCancelled,
  zeros,
} from '@ntk-lens/core';
import { checkLevel } from './compute-kernels.js';
import { MissingTilesError, ZeroGradientError } from './errors.js';
import { isSymmetric } from './formulas/formula.js';
import type { KernelRequest } from './request/kernel-request.js';
import { prepareLargeKernels } from './request/prepare.js';
import { openTile } from './store/stored-tile.js';
import type { TileStore } from './store/tile-store.js';
import { type TileSource, tiledRows } from './tiled-rows.js';

/** A kernel of one split, whose rows are put together from tiles when they are read. */
export interface StoredSplitRows {
  /** `[train · C, query · C]`; rows of whole examples are read. */
  readonly kernel: RowSource;
  readonly flipped?: RowSource;
  /** `[train, C, query, C]`. */
  readonly shape: readonly number[];
  /** f(·; θ₀) `[query, C]`. */
  readonly logits: NDArray<'float64'>;
}

/** Kernels whose tiles are all in a store. */
export interface StoredKernelRows {
  readonly splits: { readonly [split in SplitName]?: StoredSplitRows } & { readonly train: StoredSplitRows };
  /** Bytes of rows that the memory budget has room for at once. */
  readonly blockBytes: number;
}

/** Bytes of a block of a kernel that would fit the budget as a whole. */
const SMALL_BLOCK = 2 ** 26;

/**
 * Opens kernels whose tiles are all in a store, without putting them together: no more than a block of rows is in memory. The
 * numbers are those of `computeKernels` with the same plan. The sums of all tiles are verified here.
 *
 * @example
 * ```ts
 * const { splits, blockBytes } = await openStoredKernels({ ...request, store });
 * for await (const { data } of rowBlocks(splits.train.kernel, blockBytes, outputs)) await write(data);
 * ```
 * @throws MissingTilesError, which names the first tile that is not there; ZeroGradientError; what `checkKernelRequest` throws
 */
export const openStoredKernels = async (
  request: Omit<KernelRequest, 'runtime'> & { readonly store: TileStore },
): Promise<StoredKernelRows> => {
  checkLevel(request, 'sum');
  const { plan, examples, logitWeights, formula } = prepareLargeKernels(request);
  const outputs = logitWeights.length;
  const train = request.train.length;
  const logits = zeros('float64', [examples.length, outputs]);
  const diagonal = new Float64Array(formula.finish ? examples.length * outputs : 0);
  const tiles: TileSource[] = [];
  for (const [index, planned] of plan.tiles.entries()) {
    throwIfCancelled(request.signal, 'The kernel computation');
    const tile = await openTile(request.store, 'sum', index);
    const arrays = tile?.parts['sum'];
    if (!tile || !arrays) throw new MissingTilesError(index + 1, plan.tiles.length);
    tiles.push({ planned, arrays });
    const own = await tile.logits.read(0, tile.logits.shape[0]);
    for (const [i, example] of [...planned.rows, ...planned.columns].entries())
      logits.data.set(own.subarray(i * outputs, (i + 1) * outputs), example * outputs);
    if (formula.finish) await takeDiagonal({ planned, arrays }, outputs, diagonal);
  }
  if (!(await anyEntry(tiles, train))) throw new ZeroGradientError();
  const split = (start: number, count: number): StoredSplitRows => {
    const common = { formula, tiles, train, outputs, start, count, diagonal };
    return {
      kernel: tiledRows({ ...common, flipped: false }),
      flipped: isSymmetric(formula) ? undefined : tiledRows({ ...common, flipped: true }),
      shape: [train, outputs, count, outputs],
      logits: {
        dtype: 'float64',
        shape: [count, outputs],
        data: logits.data.slice(start * outputs, (start + count) * outputs),
      },
    };
  };
  const splits: Partial<Record<SplitName, StoredSplitRows>> = {};
  let from = train;
  for (const [query, { length }] of Object.entries(request.queries)) {
    splits[query as SplitName] = split(from, length);
    from += length;
  }
  return { splits: { ...splits, train: split(0, train) }, blockBytes: plan.blockBytes ?? SMALL_BLOCK };
};

/** K(ξ, ξ) of the examples that a tile has it of. */
const takeDiagonal = async (
  { planned: { rows, columns }, arrays: { self, diagonal } }: TileSource,
  outputs: number,
  into: Float64Array,
): Promise<void> => {
  if (self)
    for await (const { from, count, data } of rowBlocks(self))
      for (let k = 0; k < count; k++) {
        const place = from + k;
        into[rows[Math.floor(place / outputs)]! * outputs + (place % outputs)] =
          data[k * self.shape[1] + place]!;
      }
  if (diagonal) {
    const own = await diagonal.read(0, diagonal.shape[0]);
    for (const [j, column] of columns.entries())
      into.set(own.subarray(j * outputs, (j + 1) * outputs), column * outputs);
  }
};

/** True where an entry of K(train, train) is not zero. */
const anyEntry = async (tiles: readonly TileSource[], train: number): Promise<boolean> => {
  for (const { planned, arrays } of tiles) {
    const inTrain = planned.columns.some((i) => i < train);
    for (const panel of [arrays.self, inTrain ? arrays.cross : undefined])
      if (panel)
        for await (const { data } of rowBlocks(panel)) if (data.some((value) => value !== 0)) return true;
  }
  return false;
};
