import { type MachineWork, noWork } from '@ntk-lens/engine';
import type { ContractionShape, Method } from '../contract/choose-method.js';
import { contractionSize, gradientCosts, methodCosts } from '../contract/choose-method.js';
import { cutSide, RUN_GRADIENTS, sliceMatrix } from '../contract/slicing.js';
import { COLUMN_COTANGENTS, ROW_TOKENS } from '../contract/token-panels.js';
import { isTernary, kernelCount, type MapPair } from '../formulas/formula.js';

/** Bytes that scaling and summing a pair of tokens reads and writes, for each pair of outputs. */
const PAIR_BYTES = 12;
/** Bytes that an element of a gradient is read and written with on its way to a sign: clipped and quantized, or scaled and clipped. */
const SIGN_BYTES = { integer: 13, float: 16 } as const;

/** The work of a contraction, padding not counted. */
export const contractionWork = (
  maps: MapPair,
  c: ContractionShape,
  self: boolean,
  method: Method,
): MachineWork => {
  const kernels = kernelCount(maps);
  const { outputs, tokens, examples, tokenPairs } = contractionSize(c, self);
  const { inSize, outSize } = c.size;
  if (method === 'gradient') {
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
    const products = 2 * kernels * multiplied;
    return {
      ...noWork,
      thinProducts: 2 * formed + (ternary ? 0 : products),
      integerProducts: ternary ? products : 0,
      passes: signs * gradients * inSize * outSize,
      runs: (cutSide(slice) / slice.rows) * chunks(examples.rows) * chunks(examples.columns),
    };
  }
  const panels = {
    rows: Math.ceil(tokens.rows / ROW_TOKENS),
    columns: Math.ceil((outputs * tokens.columns) / COLUMN_COTANGENTS),
  };
  // Tokens are copied into panels, and products of pairs of them are scaled and summed.
  const copied = 8 * (tokens.rows + tokens.columns) * (inSize + outputs * outSize);
  return {
    ...noWork,
    products: 2 * kernels * methodCosts(c, self)[method],
    passes: kernels * PAIR_BYTES * outputs ** 2 * tokenPairs + (method === 'token-gram' ? copied : 0),
    runs:
      panels.rows * panels.columns +
      (self ? (panels.rows * (panels.rows + 1)) / 2 : 0) +
      panels.rows +
      panels.columns,
  };
};
