import type { KernelSplit } from '@ntk-lens/core';

/**
 * One number per pair of examples: Σ_c K(i, c, j, c), the trace over logits (the kernel itself in binary mode).
 *
 * @returns row-major `[train, query]`
 */
export const exampleKernel = (split: KernelSplit): Float64Array => {
  const [train = 0, logits = 0, queries = 0] = split.kernel.shape;
  const { data } = split.kernel;
  if (logits === 1) return data;
  const out = new Float64Array(train * queries);
  for (let i = 0; i < train; i++) {
    for (let c = 0; c < logits; c++) {
      const row = (i * logits + c) * queries * logits + c;
      for (let j = 0; j < queries; j++) out[i * queries + j]! += data[row + j * logits]!;
    }
  }
  return out;
};
