import { ndarray } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import { mapAhead } from '../pass/map-ahead.js';
import type { PassKernels } from './accumulators.js';
import type { LinearContraction, LinearFactors } from './contract-linear.js';
import { chunkBatches } from './group-batches.js';
import type { BlockAxis } from './kernel-accumulator.js';
import { type PackedShape, packedGramProgram, packProgram, type SharedSites } from './packed-gram.js';
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
  readonly a: Resident;
  /** Of every site. */
  readonly b: readonly Resident[];
  readonly owner: Resident;
}

/**
 * Adds the contribution of linear sites that read the same activations to the SGD kernels, through Grams of tokens
 * (DESIGN §4). Tokens of different examples are put side by side first: the cost grows with the product of two lengths,
 * and so would that of padding.
 */
export const contractTokens = async (
  runtime: Runtime,
  sites: readonly LinearContraction[],
  into: PassKernels,
): Promise<void> => {
  const { outputs } = sites[0]!.rows[0]!;
  const s = { inSize: sites[0]!.inSize, outSizes: sites.map(({ outSize }) => outSize) };
  const side = (name: 'rows' | 'columns', most: number) =>
    blocksOf(batchesOf(sites.map((site) => site[name])), most);
  const add = (target: 'self' | 'cross') => async (x: Packed, y: Packed) => {
    const inputs = { ...blockInputs('0', x), ...blockInputs('1', y) };
    const { k } = await runtime.compute(packedGramProgram(x, y, s), inputs);
    into[target]!.add(k!.data, [x], [y], target === 'self' && y !== x);
  };
  const rows: Packed[] = [];
  for (const group of side('rows', ROW_TOKENS)) rows.push(...(await pack(runtime, s, group)));
  if (into.self) {
    const pairs = rows.flatMap((x, i) => rows.slice(i).map((y) => [x, y] as const));
    await mapAhead(pairs, ([x, y]) => add('self')(x, y));
  }
  // Blocks of columns are there one after another: the memory of one serves for the next.
  await mapAhead(side('columns', Math.ceil(COLUMN_COTANGENTS / outputs)), async (group) => {
    const columns = await pack(runtime, s, group);
    const pairs = rows.flatMap((x) => columns.map((y) => [x, y] as const));
    await mapAhead(pairs, ([x, y]) => add('cross')(x, y));
    release(runtime, columns);
  });
  release(runtime, rows);
};

const release = (runtime: Runtime, blocks: readonly Packed[]): void =>
  runtime.release(blocks.flatMap(({ a, b, owner }) => [a, ...b, owner]));

/** One batch's activations, and the cotangents of every site, for each output. */
interface SharedBatch extends Omit<LinearFactors, 'b'> {
  readonly b: readonly (readonly Resident[])[];
}

const batchesOf = (sites: readonly (readonly LinearFactors[])[]): SharedBatch[] =>
  sites[0]!.map((batch, i) => ({ ...batch, b: sites.map((site) => site[i]!.b) }));

const blockInputs = (suffix: string, { a, b, owner }: Packed): Record<string, Resident> => ({
  [`a${suffix}`]: a,
  ...Object.fromEntries(b.map((one, site) => [`b${suffix}.${site}`, one] as const)),
  [`owner${suffix}`]: owner,
});

/** Blocks that one program packs. */
interface BlockGroup {
  readonly batches: readonly SharedBatch[];
  readonly length: number;
  readonly room: number;
  readonly blocks: readonly (readonly Located[])[];
}

/** Blocks of one length and room for all examples, several to a group where they are small. */
const blocksOf = (batches: readonly SharedBatch[], most: number): BlockGroup[] => {
  const examples = locate(batches);
  const { length, blocks } = packTokens(
    examples.map(({ tokens }) => tokens),
    most,
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
  s: SharedSites,
  { batches, length, room, blocks }: BlockGroup,
): Promise<Packed[]> => {
  const orders: Promise<readonly [string, Resident]>[] = [];
  const owners: Promise<Resident>[] = [];
  const takes: number[][] = [];
  // Batches that the blocks take from; the program is given no others.
  const used = [...new Set(blocks.flat().map(({ batch }) => batch))].sort((a, b) => a - b);
  for (const [k, block] of blocks.entries()) {
    const taken: number[][] = used.map(() => []);
    const owner = new Float32Array(room * length);
    let at = 0;
    for (const [row, { batch, first, tokens }] of block.entries()) {
      for (let t = 0; t < tokens; t++) taken[used.indexOf(batch)]!.push(first + t);
      owner.fill(1, row * length + at, row * length + at + tokens);
      at += tokens;
    }
    // Filling repeats a token and belongs to no example.
    const last = taken[used.indexOf(block.at(-1)!.batch)]!;
    while (at++ < length) last.push(last[0]!);
    takes.push(taken.map((order) => order.length));
    for (const [i, order] of taken.entries()) {
      if (order.length === 0) continue;
      const numbers = runtime.upload(ndarray<'int32'>(Int32Array.from(order), [order.length]));
      orders.push(numbers.then((tensor) => [`order${k}.${i}`, tensor] as const));
    }
    owners.push(runtime.upload(ndarray<'float32'>(owner, [room, length])));
  }
  const from = used.map((batch) => batches[batch]!);
  const factors = from.flatMap(({ a, b }, i) => [
    [`a${i}`, a] as const,
    ...b.flatMap((each, site) => each.map((one, c) => [`b${i}.${site}.${c}`, one] as const)),
  ]);
  const numbers = Object.fromEntries(await Promise.all(orders));
  const members = await Promise.all(owners);
  const made = await runtime.run(packProgram(from, takes, s), {
    ...Object.fromEntries(factors),
    ...numbers,
  });
  runtime.release(Object.values(numbers));
  return blocks.map((block, k) => ({
    ...{ outputs: from[0]!.outputs, length, room, indices: block.map(({ index }) => index) },
    ...{ a: made[`a${k}`]!, b: s.outSizes.map((_, site) => made[`b${k}.${site}`]!), owner: members[k]! },
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
