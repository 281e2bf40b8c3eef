import { type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { BatchFactors } from '../factors/stage-factors.js';
import type { TileStore } from './tile-store.js';

const PREFIX = 'states-';

/** True for the name of a file in which a store of tiles keeps states: nobody needs it once the tiles are there. */
export const isOfStates = (name: string): boolean => name.startsWith(PREFIX);

/** Name of a share of states; those of its stages have their number behind it. */
const shareName = (share: number): string => `${PREFIX}${String(share).padStart(4, '0')}`;
const stageName = (share: number, stage: number): string => `${shareName(share)}-${stage}`;

/** The tensors of a batch's factors by their places in a list, in which none stands twice. */
interface BatchLayout {
  readonly shapes: readonly (readonly number[])[];
  readonly matrices: readonly {
    readonly a: number;
    readonly b: readonly number[];
    readonly length: number;
  }[];
  readonly vectors?: number;
  readonly rows: readonly number[];
}

/** A batch as its factors name it. */
export type NamedBatch = Pick<BatchFactors, 'indices' | 'ids'> & { readonly length: number };

/** Keeps the factors of one stage for the batches of a share. */
export const writeStage = async (
  runtime: Runtime,
  store: TileStore,
  share: number,
  stage: number,
  batches: readonly BatchFactors[],
): Promise<void> => {
  const tensors: Resident[] = [];
  const layouts = batches.map((batch): BatchLayout => {
    const own: Resident[] = [];
    const place = (tensor: Resident): number => {
      const known = own.indexOf(tensor);
      return known >= 0 ? known : own.push(tensor) - 1;
    };
    const places = {
      matrices: batch.matrices.map(({ a, b, length }) => ({ a: place(a), b: b.map(place), length })),
      vectors: batch.vectors && place(batch.vectors),
      rows: batch.rows.map(place),
    };
    tensors.push(...own);
    return { shapes: own.map(({ shape }) => shape), ...places };
  });
  const numbers = new Float32Array(tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  let from = 0;
  for (const tensor of tensors) {
    const { data } = await runtime.download(tensor);
    numbers.set(data, from);
    from += data.length;
  }
  const layout = Int32Array.from(new TextEncoder().encode(JSON.stringify(layouts)));
  await store.write(stageName(share, stage), {
    numbers: ndarray<'float32'>(numbers, [numbers.length]),
    layout: ndarray<'int32'>(layout, [layout.length]),
  });
};

/**
 * The factors of one stage for the batches of a share, in the runtime.
 *
 * @returns undefined where they are not there, or not whole
 */
export const readStage = async (
  runtime: Runtime,
  store: TileStore,
  share: number,
  stage: number,
  batches: readonly NamedBatch[],
): Promise<readonly BatchFactors[] | undefined> => {
  const { numbers, layout } = (await store.read(stageName(share, stage))) ?? {};
  if (!numbers || !layout) return undefined;
  const layouts: readonly BatchLayout[] = JSON.parse(new TextDecoder().decode(Uint8Array.from(layout.data)));
  const found: BatchFactors[] = [];
  let from = 0;
  for (const [i, { indices, ids, length: padded }] of batches.entries()) {
    const { shapes, matrices, vectors, rows } = layouts[i]!;
    const tensors: Resident[] = [];
    for (const shape of shapes) {
      // A buffer is handed over with what is uploaded.
      const data = numbers.data.slice(from, from + sizeOf(shape)) as Float32Array;
      from += data.length;
      tensors.push(await runtime.upload(ndarray<'float32'>(data, shape)));
    }
    const common = { indices, n: indices.length };
    const tokens = ids.map((own) => own.length);
    found.push({
      ...{ indices, ids },
      matrices: matrices.map(({ a, b, length }) => ({
        ...{ ...common, outputs: b.length, length, tokens: length === padded ? tokens : undefined },
        ...{ a: tensors[a]!, b: b.map((place) => tensors[place]!) },
      })),
      vectors: vectors === undefined ? undefined : tensors[vectors]!,
      rows: rows.map((place) => tensors[place]!),
    });
  }
  return found;
};

/** Says that all stages of a share are kept, with the outputs of its panel, of which it has those of its own examples. */
export const finishShare = (store: TileStore, share: number, outputs: NDArray): Promise<void> =>
  store.write(shareName(share), { outputs });

/** The outputs of a share that was finished; its stages may have been lost or damaged since. */
export const outputsOf = async (store: TileStore, share: number): Promise<NDArray | undefined> =>
  (await store.read(shareName(share)))?.['outputs'];

/** True where all stages of a share are there, and whole. */
export const isShareWhole = async (store: TileStore, share: number, stages: number): Promise<boolean> => {
  if (!(await outputsOf(store, share))) return false;
  for (let stage = 0; stage < stages; stage++) if (!(await store.read(stageName(share, stage)))) return false;
  return true;
};
