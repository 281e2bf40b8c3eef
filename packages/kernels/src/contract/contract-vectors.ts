import { defineProgram, mapAhead, type Resident, type Runtime, tf } from '@ntk-lens/engine';
import {
  applyMap,
  type MapFactors,
  mappedGram,
  type Orientation,
  orientations,
} from '../formulas/mapped-gram.js';
import type { ProgramMaps } from '../formulas/program-maps.js';
import { besideEachOther } from './group-batches.js';
import { joinVectors } from './join-programs.js';
import type { PanelAxis } from './kernel-accumulator.js';
import { float } from './matrix-shapes.js';
import { mapSidesInOrder, pairs, type Sides } from './pairs.js';
import type { TileKernels } from './tile-kernels.js';

/** Vector gradients of one batch, `[C, n, P]`. */
export interface VectorFactors extends PanelAxis {
  readonly v: Resident;
}

/** Puts the vector gradients of batches side by side, and releases what was joined. */
export const joinVectorBatches = (
  runtime: Runtime,
  { rows, columns }: Sides<VectorFactors>,
): Promise<Sides<VectorFactors>> => {
  const count = ({ v: { shape } }: VectorFactors) => (shape[0] ?? 1) * (shape[1] ?? 1);
  const chunks = { rows: besideEachOther(rows, count), columns: besideEachOther(columns, count) };
  return mapSidesInOrder(chunks, async (chunk): Promise<VectorFactors> => {
    const [first, ...more] = chunk;
    if (first && more.length === 0) return first;
    const parts = chunk.map(({ v }) => v);
    const { v } = await joinVectors({ shapes: parts.map(({ shape }) => shape) }).run(runtime, { parts });
    runtime.release(parts);
    return { indices: chunk.flatMap(({ indices }) => indices), v };
  });
};

/** Vector gradients of all batches of a tile, side by side. */
export interface VectorContraction extends Sides<VectorFactors> {
  readonly runtime: Runtime;
  /** Factors of the formula's maps, `[P]`. */
  readonly factors: MapFactors<Resident>;
  /** Entries `[start, size]` to take. */
  readonly range: readonly [number, number];
}

interface VectorSettings {
  readonly maps: ProgramMaps;
  readonly mapped: MapFactors<readonly number[]>;
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly range: readonly [number, number];
}

const factorSpecs = ({ train, query }: MapFactors<readonly number[]>) => ({
  train: train && float(train),
  query: query && float(query),
});

/** A range of vector gradients as rows, `[C·n, size]`. */
const flat = (v: tf.Tensor, [start, size]: readonly [number, number]): tf.Tensor => {
  const [outputs, n] = v.shape as [number, number];
  return tf.slice(v, [0, 0, start], [outputs, n, size]).reshape([outputs * n, size]);
};

const slicedFactors = (
  { train, query }: MapFactors<tf.Tensor>,
  [start, size]: readonly [number, number],
): MapFactors<tf.Tensor> => ({
  train: train && tf.slice(train, [start], [size]),
  query: query && tf.slice(query, [start], [size]),
});

/** Kernel panels `[C·n, C·m]` of the vector gradients of two batches. */
const vectorGram = defineProgram('vector gram', {
  inputs: ({ left, right, mapped }: VectorSettings) => ({
    x: float(left),
    y: float(right),
    factors: factorSpecs(mapped),
  }),
  build: ({ x, y, factors }, { maps, range }) => {
    const gram = mappedGram(maps);
    const [rows, columns] = [flat(x, range), flat(y, range)];
    const product = (o: Orientation) => gram.product(gram.map(rows, o.rows), gram.map(columns, o.columns));
    const { kernel, flipped } = orientations(maps, slicedFactors(factors, range));
    return { kernel: product(kernel), flipped: flipped && product(flipped) };
  },
});

/** K(ξ, ξ) of the vector gradients of a batch, `[C·n]`. */
const vectorDiagonal = defineProgram('vector diagonal', {
  inputs: ({ left, mapped }: Omit<VectorSettings, 'right'>) => ({
    x: float(left),
    factors: factorSpecs(mapped),
  }),
  build: ({ x, factors }, { maps, range }) => {
    const rows = flat(x, range);
    const { kernel } = orientations(maps, slicedFactors(factors, range));
    return { squares: applyMap(kernel.rows, rows).mul(applyMap(kernel.columns, rows)).sum(1) };
  },
});

/** Adds the contribution of vector gradients to the kernels. */
export const contractVectors = async (c: VectorContraction, into: TileKernels): Promise<void> => {
  const { runtime, factors, range } = c;
  const mapped = { train: factors.train?.shape, query: factors.query?.shape };
  const common = { maps: into.maps, mapped, range };
  await mapAhead(pairs(c, into.wanted), async (pair) => {
    const { x, y } = pair;
    const program = vectorGram({ ...common, left: x.v.shape, right: y.v.shape });
    const { kernel, flipped } = await program.compute(runtime, { x: x.v, y: y.v, factors });
    into.add(pair, { kernel: kernel.data, flipped: flipped?.data });
  });
  if (!into.diagonal) return;
  for (const y of c.columns) {
    const { squares } = await vectorDiagonal({ ...common, left: y.v.shape }).compute(runtime, {
      x: y.v,
      factors,
    });
    into.addDiagonal(y, squares.data);
  }
};
