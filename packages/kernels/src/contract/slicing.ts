import type { Slicing } from './gram-programs.js';

// A piece of all gradients of a batch should stay in the processor's caches between forming and multiplying.
const PIECE_BYTES = 6 * 2 ** 20;
// Rows kept for a slice live between runs; larger slices mean fewer runs.
const SLICE_BYTES = 96 * 2 ** 20;

const divisorAtMost = (n: number, limit: number): number => {
  for (let d = Math.min(n, Math.max(1, Math.floor(limit))); d > 1; d--) if (n % d === 0) return d;
  return 1;
};

/**
 * Cuts a linear site's gradient matrix for contraction.
 *
 * @param columns largest C·n of a batch
 * @param rows C·R row gradients kept at a time
 */
export const sliceSite = (
  inSize: number,
  outSize: number,
  columns: number,
  rows: number,
  sliceBytes = SLICE_BYTES,
): Slicing => {
  const slice = divisorAtMost(outSize, sliceBytes / (4 * inSize * Math.max(1, rows)));
  const piece = divisorAtMost(slice, PIECE_BYTES / (4 * inSize * Math.max(1, columns)));
  return { inSize, outSize, rows: slice, piece };
};
