import type { Formula } from '@ntk-lens/core';
import type { SiteSize } from './gram-programs.js';

/** How the gradient matrix of a linear site is cut: `rows` of it at a time, in `pieces` that fit in a cache. */
export interface Slicing extends SiteSize {
  /** Cut along the inputs instead of the outputs: where there are more of them. */
  readonly sideways: boolean;
  /** Rows of the slice; divides the side that is cut. */
  readonly rows: number;
  /** Rows of a piece; divides `rows`. */
  readonly piece: number;
}

/** Length of the side along which gradients are cut. */
export const cutSide = (s: Slicing): number => (s.sideways ? s.inSize : s.outSize);

/** Row gradients, and column gradients, of one run: each side is formed once for all of the other. */
export const RUN_GRADIENTS = 512;

/** Rows of one product that forms a piece: with fewer, it is too thin to run at its rate. */
const PRODUCT_ROWS = 128;
/** What a piece of all gradients that are multiplied with each other may take; beyond, pieces get thinner. */
const PIECE_BYTES = 64 * 2 ** 20;
const LEAST_ROWS = 16;
/** Pieces of one run; more would only make its program larger. */
const PIECES = 16;

/** Bytes of an element of a gradient, with its signs: none, as bytes, as numbers. */
const ELEMENT_BYTES: Readonly<Record<Formula, number>> = { sgd: 4, signgd: 5, 'a-signgd': 8 };

/**
 * Bytes of work memory of a run over a slice, about: a piece of all gradients and its signs, and the joined factors, the
 * larger of them also before they are.
 *
 * @param outputs C @param gradients C·n @param tokens of all gradients together
 */
export const workspaceBytes = (
  formula: Formula,
  s: Slicing,
  outputs: number,
  gradients: number,
  tokens: number,
): number => {
  const width = s.sideways ? s.outSize : s.inSize;
  const [a, b] = s.sideways ? [s.rows, width] : [width, s.rows];
  const factors = [4 * (tokens / outputs) * a, 4 * tokens * b] as const;
  return (
    ELEMENT_BYTES[formula] * gradients * width * s.piece + factors[0] + factors[1] + Math.max(...factors)
  );
};

const divisorAtMost = (n: number, limit: number): number => {
  for (let d = Math.min(n, Math.max(1, Math.floor(limit))); d > 1; d--) if (n % d === 0) return d;
  return 1;
};

/**
 * Cuts a linear site's gradient matrix for contraction.
 *
 * @param outputs C: rows of as many gradients of an example are formed by one product, if cut along the outputs
 * @param gradients most gradients whose pieces exist at once
 */
export const sliceSite = ({ inSize, outSize }: SiteSize, outputs: number, gradients: number): Slicing => {
  const sideways = inSize > outSize;
  const [height, width] = sideways ? [inSize, outSize] : [outSize, inSize];
  const wanted = PRODUCT_ROWS / (sideways ? 1 : outputs);
  const fitting = Math.max(LEAST_ROWS, PIECE_BYTES / (4 * width * gradients));
  const piece = divisorAtMost(height, Math.min(wanted, fitting));
  const pieces = divisorAtMost(height / piece, PIECES);
  return { inSize, outSize, sideways, piece, rows: piece * pieces };
};
