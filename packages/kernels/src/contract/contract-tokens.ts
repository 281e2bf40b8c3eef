import { ndarray } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { MatrixFactors } from '../factors/stage-factors.js';
import { chunkBatches } from './group-batches.js';
import type { BlockAxis } from './kernel-accumulator.js';
import { mapAhead } from './map-ahead.js';
import type { MatrixContraction } from './matrix-contraction.js';
import { shapeOfFactors } from './matrix-shapes.js';
import {
  type PackedFactors,
  type PackedShape,
  packedGram,
  packTokensOf,
  type SharedFactors,
  type SharedMatrices,
} from './packed-gram.js';
import { type Pair, pairs } from './pairs.js';
import type { PassKernels } from './pass-kernels.js';
import { packTokens } from './token-blocks.js';

/** Tokens of a block of rows: few, so that little is computed on both sides of the diagonal. */
const ROW_TOKENS = 256;
/** Cotangents of a block of columns; products of all tokens of two blocks should stay in the caches. */
const COLUMN_COTANGENTS = 2048;
/** Tokens that one program packs, unless a block has more. */
const PACKED_TOKENS = 1024;

/** A block of tokens in the runtime. */
interface Packed extends PackedShape, BlockAxis {
  readonly room: number;
  readonly factors: PackedFactors<Resident>;
}

/**
 * Adds the contribution of matrices that read the same activations to the kernels, through Grams of tokens, for maps that
 * commute with sums and keep rank one (docs/theory.md, Sums and rank one). Tokens of different examples are put side by
 * side first: the cost grows with the product of two lengths, and so would that of padding.
 */
export const contractTokens = async (
  matrices: readonly [MatrixContraction, ...MatrixContraction[]],
  into: PassKernels,
): Promise<void> => {
  const { runtime, size } = matrices[0];
  const shared = { inSize: size.inSize, outSizes: matrices.map((matrix) => matrix.size.outSize) };
  const side = (name: 'rows' | 'columns', most: (outputs: number) => number) =>
    blocksOf(batchesOf(matrices.map((matrix) => matrix[name])), most);
  const add = async (pair: Pair<Packed>) => {
    const { x, y } = pair;
    const program = packedGram({ maps: into.maps, left: shapeOf(x), right: shapeOf(y), shared });
    const { kernel, flipped } = await program.compute(runtime, { x: x.factors, y: y.factors });
    into.add(pair, { kernel: kernel.data, flipped: flipped?.data });
  };
  const rows: Packed[] = [];
  for (const group of side('rows', () => ROW_TOKENS)) rows.push(...(await pack(runtime, shared, group)));
  await mapAhead(pairs({ rows, columns: [] }, into.wanted), add);
  // Blocks of columns are there one after another: the memory of one serves for the next.
  await mapAhead(
    side('columns', (outputs) => Math.ceil(COLUMN_COTANGENTS / outputs)),
    async (group) => {
      const columns = await pack(runtime, shared, group);
      await mapAhead(pairs({ rows, columns }, { ...into.wanted, self: false }), add);
      release(runtime, columns);
    },
  );
  release(runtime, rows);
};

const shapeOf = ({ outputs, length, room }: PackedShape): PackedShape => ({ outputs, length, room });

const release = (runtime: Runtime, blocks: readonly Packed[]): void =>
  runtime.release(blocks.flatMap(({ factors: { a, b, owner } }) => [a, ...b, owner]));

/** One batch's activations, and the cotangents of every matrix, for each output. */
interface SharedBatch extends Omit<MatrixFactors, 'b'>, SharedFactors<Resident> {}

const batchesOf = (matrices: readonly (readonly MatrixFactors[])[]): SharedBatch[] =>
  (matrices[0] ?? []).map((batch, i) => ({ ...batch, b: matrices.map((matrix) => matrix[i]!.b) }));

/** Blocks that one program packs. */
interface BlockGroup {
  readonly batches: readonly SharedBatch[];
  readonly length: number;
  readonly room: number;
  readonly blocks: readonly (readonly Located[])[];
}

/** Blocks of one length and room for all examples, several to a group where they are small. */
const blocksOf = (batches: readonly SharedBatch[], most: (outputs: number) => number): BlockGroup[] => {
  const [first] = batches;
  if (!first) return [];
  const examples = locate(batches);
  const { length, blocks } = packTokens(
    examples.map(({ tokens }) => tokens),
    most(first.outputs),
  );
  const room = Math.max(...blocks.map((block) => block.length));
  const located = blocks.map((block) => block.map((i) => examples[i]!));
  return chunkBatches(located, PACKED_TOKENS, () => length).map((group) => ({
    batches,
    length,
    room,
    blocks: group,
  }));
};

const pack = async (
  runtime: Runtime,
  shared: SharedMatrices,
  { batches, length, room, blocks }: BlockGroup,
): Promise<Packed[]> => {
  const orders: Promise<(Resident | undefined)[]>[] = [];
  const owners: Promise<Resident>[] = [];
  const takes: number[][] = [];
  // Batches that the blocks take from; the program is given no others.
  const used = [...new Set(blocks.flat().map(({ batch }) => batch))].sort((a, b) => a - b);
  for (const block of blocks) {
    const taken: number[][] = used.map(() => []);
    const owner = new Float32Array(room * length);
    let at = 0;
    for (const [row, { batch, first, tokens }] of block.entries()) {
      for (let t = 0; t < tokens; t++) taken[used.indexOf(batch)]!.push(first + t);
      owner.fill(1, row * length + at, row * length + at + tokens);
      at += tokens;
    }
    // Filling repeats a token and belongs to no example.
    const last = taken.findLast((order) => order.length > 0) ?? [];
    while (at++ < length) last.push(last[0]!);
    takes.push(taken.map((order) => order.length));
    orders.push(
      Promise.all(
        taken.map((order) =>
          order.length > 0
            ? runtime.upload(ndarray<'int32'>(Int32Array.from(order), [order.length]))
            : undefined,
        ),
      ),
    );
    owners.push(runtime.upload(ndarray<'float32'>(owner, [room, length])));
  }
  const from = used.map((batch) => batches[batch]!);
  const numbers = await Promise.all(orders);
  const members = await Promise.all(owners);
  const program = packTokensOf({ batches: from.map(shapeOfFactors), takes, shared });
  const made = await program.run(runtime, { batches: from.map(({ a, b }) => ({ a, b })), orders: numbers });
  runtime.release(numbers.flat().filter((order) => order !== undefined));
  return blocks.map((block, k) => ({
    outputs: from[0]!.outputs,
    length,
    room,
    indices: block.map(({ index }) => index),
    factors: { ...made.blocks[k]!, owner: members[k]! },
  }));
};

/** An example's batch, and where its tokens begin when those of the batch, padding included, are numbered. */
interface Located {
  readonly index: number;
  readonly batch: number;
  readonly first: number;
  readonly tokens: number;
}

const locate = (batches: readonly SharedBatch[]): Located[] =>
  batches.flatMap(({ indices, length, tokens }, batch) =>
    indices.map((index, i) => ({
      index,
      batch,
      first: i * length,
      tokens: tokens?.[i] ?? length,
    })),
  );
