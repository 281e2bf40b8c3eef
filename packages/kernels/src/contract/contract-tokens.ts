import { ndarray } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import { mapAhead } from '../pass/map-ahead.js';
import type { PassKernels } from './accumulators.js';
import type { LinearContraction, LinearFactors } from './contract-linear.js';
import { chunkBatches } from './group-batches.js';
import type { BlockAxis } from './kernel-accumulator.js';
import { type PackedShape, packedGramProgram, packProgram } from './packed-gram.js';
import { packTokens } from './token-blocks.js';

/** Tokens of a block of rows: few, so that little is computed on both sides of the diagonal. */
const ROW_TOKENS = 256;
/** Cotangents of a block of columns; products of all tokens of two blocks should stay in the caches. */
const COLUMN_COTANGENTS = 2048;
/** Tokens that are packed by one program. */
const PACKED_TOKENS = 8192;

/** A block of tokens in the runtime. */
interface Packed extends PackedShape, BlockAxis {
  readonly room: number;
  readonly a: Resident;
  readonly b: Resident;
  readonly owner: Resident;
}

/**
 * Adds one linear site's contribution to the SGD kernels through Grams of tokens (DESIGN §4). Tokens of different examples
 * are put side by side first: the cost grows with the product of two lengths, and so would that of padding.
 */
export const contractTokens = async (
  runtime: Runtime,
  c: LinearContraction,
  into: PassKernels,
): Promise<void> => {
  const { outputs } = c.rows[0]!;
  const rows = await packAll(runtime, c, c.rows, ROW_TOKENS);
  const columns = await packAll(runtime, c, c.columns, Math.ceil(COLUMN_COTANGENTS / outputs));
  const pairs = rows.flatMap((x, i) => [
    ...columns.map((y) => ({ x, y, target: 'cross' as const })),
    ...(into.self ? rows.slice(i) : []).map((y) => ({ x, y, target: 'self' as const })),
  ]);
  await mapAhead(pairs, async ({ x, y, target }) => {
    const { k } = await runtime.compute(packedGramProgram(x, y, c), {
      ...{ a0: x.a, b0: x.b, owner0: x.owner },
      ...{ a1: y.a, b1: y.b, owner1: y.owner },
    });
    into[target]!.add(k!.data, [x], [y], target === 'self' && y !== x);
  });
  runtime.release([...rows, ...columns].flatMap(({ a, b, owner }) => [a, b, owner]));
};

const packAll = async (
  runtime: Runtime,
  c: LinearContraction,
  batches: readonly LinearFactors[],
  most: number,
): Promise<Packed[]> => {
  const packed: Packed[] = [];
  for (const group of chunkBatches(batches, PACKED_TOKENS, ({ n, length }) => n * length))
    packed.push(...(await pack(runtime, c, group, most)));
  return packed;
};

const pack = async (
  runtime: Runtime,
  c: LinearContraction,
  batches: readonly LinearFactors[],
  most: number,
): Promise<Packed[]> => {
  const examples = locate(batches);
  const { length, blocks } = packTokens(
    examples.map(({ tokens }) => tokens),
    most,
  );
  const room = Math.max(...blocks.map((block) => block.length));
  const orders: Record<string, Resident> = {};
  const owners: Resident[] = [];
  for (const [k, block] of blocks.entries()) {
    // Filling repeats the first token of all and belongs to no example.
    const [order, owner] = [new Int32Array(length), new Float32Array(room * length)];
    let at = 0;
    for (const [row, i] of block.entries()) {
      const { first, tokens } = examples[i]!;
      for (let t = 0; t < tokens; t++) order[at + t] = first + t;
      owner.fill(1, row * length + at, row * length + at + tokens);
      at += tokens;
    }
    orders[`order${k}`] = await runtime.upload(ndarray<'int32'>(order, [length]));
    owners.push(await runtime.upload(ndarray<'float32'>(owner, [room, length])));
  }
  const factors = batches.flatMap(({ a, b }, i) => [[`a${i}`, a] as const, [`b${i}`, b] as const]);
  const program = packProgram(batches, blocks.length, length, c);
  const made = await runtime.run(program, { ...Object.fromEntries(factors), ...orders });
  runtime.release(Object.values(orders));
  return blocks.map((block, k) => ({
    ...{ outputs: batches[0]!.outputs, length, room, indices: block.map((i) => examples[i]!.index) },
    ...{ a: made[`a${k}`]!, b: made[`b${k}`]!, owner: owners[k]! },
  }));
};

/** Where the tokens of each example begin when those of all batches, padding included, are numbered. */
const locate = (batches: readonly LinearFactors[]) => {
  let start = 0;
  return batches.flatMap((batch) => {
    const from = start;
    start += batch.n * batch.length;
    return batch.indices.map((index, i) => ({
      index,
      first: from + i * batch.length,
      tokens: batch.tokens?.[i] ?? batch.length,
    }));
  });
};
