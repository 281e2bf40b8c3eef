import { type MachineWork, noWork } from '@ntk-lens/engine';
import type { ContractionShape, Method } from '../contract/choose-method.js';
import { contractionSize, gradientCosts, methodCosts } from '../contract/choose-method.js';
import {
  besideEachOther,
  chunkBatches,
  gradientSets,
  gradientsOf,
  longest,
} from '../contract/group-batches.js';
import type { CountedBatch } from '../contract/matrix-shapes.js';
import { PACKED_TOKENS } from '../contract/pack-tokens.js';
import { pairCount } from '../contract/pairs.js';
import { cutSide, RUN_GRADIENTS, sliceMatrix } from '../contract/slicing.js';
import { columnTokens, packTokens, rowTokens } from '../contract/token-panels.js';
import { isSymmetric, isTernary, kernelCount, type MapPair, productBytes } from '../formulas/formula.js';

/** Bytes that scaling and summing a pair of tokens reads and writes, for each pair of outputs. */
const PAIR_BYTES = 16;
/** Bytes that an element of a gradient is read and written with on its way to a sign: quantized, clipped and joined, or scaled and clipped. */
const SIGN_BYTES = { integer: 9, float: 16 } as const;

/** The work of a contraction as it is done, and its FLOPs as they are counted, without padding. */
export interface ContractionWork {
  readonly work: MachineWork;
  readonly flops: number;
}

export const contractionWork = (
  maps: MapPair,
  c: ContractionShape,
  self: boolean,
  method: Method,
): ContractionWork => {
  if (method === 'gradient') return gradientWork(maps, c, self);
  const products = 2 * kernelCount(maps) * methodCosts(c, self)[method];
  if (method === 'token-gram') return { flops: products, work: tokenGramWork(maps, c, self) };
  const wanted = { self, symmetric: isSymmetric(maps) };
  const joined = (batches: readonly CountedBatch[]) =>
    besideEachOther(batches, (batch) => gradientsOf([batch])).length;
  const runs = pairCount({ rows: joined(c.rows), columns: joined(c.columns) }, wanted);
  return { flops: products, work: { ...noWork, products, runs } };
};

/** Tokens of all examples side by side in panels, filling included. */
const panelsOf = (batches: readonly CountedBatch[], most: number) => {
  const tokens = batches.flatMap(({ n, length, tokens: own }) => own ?? Array<number>(n).fill(length));
  const { length, panels } = packTokens(tokens, most);
  const packs = chunkBatches(panels, PACKED_TOKENS, () => length).length;
  return { length, count: panels.length, tokens: length * panels.length, packs };
};

const tokenGramWork = (maps: MapPair, c: ContractionShape, self: boolean): MachineWork => {
  const kernels = kernelCount(maps);
  const wanted = { self, symmetric: isSymmetric(maps) };
  const { outputs } = contractionSize(c, self);
  const { inSize, outSize } = c.size;
  const [rows, columns] = [panelsOf(c.rows, rowTokens(outputs)), panelsOf(c.columns, columnTokens(outputs))];
  const tokenPairs =
    rows.tokens * columns.tokens + rows.length ** 2 * pairCount({ rows: rows.count, columns: 0 }, wanted);
  const packed = (rows.tokens + columns.tokens) * (inSize + outputs * outSize);
  return {
    ...noWork,
    products: 2 * kernels * tokenPairs * (inSize + outputs ** 2 * outSize),
    // Tokens are copied into panels, which are new, and products of pairs of them are scaled and summed.
    passes: kernels * PAIR_BYTES * outputs ** 2 * tokenPairs + 8 * packed,
    newPages: 4 * packed,
    runs: pairCount({ rows: rows.count, columns: columns.count }, wanted) + rows.packs + columns.packs,
  };
};

const gradientWork = (maps: MapPair, c: ContractionShape, self: boolean): ContractionWork => {
  const { outputs, tokens, examples } = contractionSize(c, self);
  const { inSize, outSize } = c.size;
  const { formed, multiplied } = gradientCosts(c, self);
  const ternary = isTernary(maps);
  const gradients = outputs * (examples.rows + examples.columns);
  const signs = [maps.train, maps.query].every(({ linear }) => linear)
    ? 0
    : SIGN_BYTES[ternary ? 'integer' : 'float'];
  const slice = sliceMatrix(c.size, {
    outputs,
    gradients: Math.min(gradients, 2 * RUN_GRADIENTS),
    tokens: Math.ceil(
      (outputs * (tokens.rows + tokens.columns) * Math.min(gradients, 2 * RUN_GRADIENTS)) / gradients,
    ),
  });
  const chunks = (count: number) => Math.max(1, Math.ceil((outputs * count) / RUN_GRADIENTS));
  const products = 2 * kernelCount(maps) * multiplied;
  // Examples of a group are padded to one length when their gradients are formed.
  const sets = gradientSets<CountedBatch>(c, productBytes(maps));
  const groups = [...sets.rows, ...sets.columns].flat();
  const padded = groups.reduce((sum, group) => sum + gradientsOf(group) * longest(group), 0);
  return {
    flops: 2 * formed + products,
    work: {
      ...noWork,
      thinProducts: 2 * padded * inSize * outSize + (ternary ? 0 : products),
      integerProducts: ternary ? products : 0,
      passes: signs * gradients * inSize * outSize,
      runs: (cutSide(slice) / slice.rows) * chunks(examples.rows) * chunks(examples.columns),
    },
  };
};
