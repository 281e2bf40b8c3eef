import type { Slicing } from './gram-programs.js';

// The gradients of a batch, for one piece, should stay in the processor's caches between forming and multiplying.
const PIECE_BYTES = 8 * 2 ** 20;
/** Pieces of one run; more would only make its program larger. */
const PIECES = 16;

/** Fewer rows make the products that form a piece too thin to run at their rate, whatever the caches say. */
const PIECE_ROWS = 32;

const divisorAtMost = (n: number, limit: number): number => {
  for (let d = Math.min(n, Math.max(1, Math.floor(limit))); d > 1; d--) if (n % d === 0) return d;
  return 1;
};

/**
 * Cuts a linear site's gradient matrix for contraction.
 *
 * @param gradients most gradients of one batch
 */
export const sliceSite = (inSize: number, outSize: number, gradients: number): Slicing => {
  const sideways = inSize > outSize;
  const [height, width] = sideways ? [inSize, outSize] : [outSize, inSize];
  const piece = divisorAtMost(height, Math.max(PIECE_ROWS, PIECE_BYTES / (4 * width * gradients)));
  const pieces = divisorAtMost(height / piece, PIECES);
  return { inSize, outSize, sideways, piece, rows: piece * pieces };
};
