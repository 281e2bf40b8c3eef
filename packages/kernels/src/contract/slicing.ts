import { elementBytes, type MapPair } from '../formulas/formula.js';
import type { MatrixSize } from './matrix-shapes.js';

/** Division of a matrix gradient: `rows` of it at a time, in `pieces` that fit in a cache. */
export interface Slicing extends MatrixSize {
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
/**
 * Cap on the bytes of a piece of all gradients that are multiplied with each other; beyond it, pieces get
 * thinner.
 */
const PIECE_BYTES = 64 * 2 ** 20;
const LEAST_ROWS = 16;
/** Pieces of one run; more would only make its program larger. */
const PIECES = 16;
/**
 * Approximate cap on the bytes of one slice's factors, so that programs can keep their workspace between
 * runs.
 */
const SLICE_BYTES = 48 * 2 ** 20;

/** The sizes that exist at once in a run. */
export interface RunSize {
  /** C: examples have as many gradients. */
  readonly outputs: number;
  /** Most gradients whose pieces exist at once. */
  readonly gradients: number;
  /** Tokens of all gradients, padding included. */
  readonly tokens: number;
}

/** Bytes of one row of the factors that are cut. */
const rowBytes = (sideways: boolean, { outputs, tokens }: RunSize): number =>
  (4 * tokens) / (sideways ? outputs : 1);

/**
 * Approximate bytes in ONNX Runtime's arenas for each byte of tensors that exist at once: they grow in ever
 * larger steps.
 */
const ARENA = 1.5;

/** Bytes of work memory of a run over a slice, about: a piece of gradients with what maps make of it, and the factors of the slice. */
export const workspaceBytes = (maps: MapPair, s: Slicing, run: RunSize): number => {
  const width = s.sideways ? s.outSize : s.inSize;
  const pieces = elementBytes(maps) * run.gradients * width * s.piece;
  return ARENA * (pieces + rowBytes(s.sideways, run) * s.rows);
};

const divisorAtMost = (n: number, limit: number): number => {
  for (let d = Math.min(n, Math.max(1, Math.floor(limit))); d > 1; d--) if (n % d === 0) return d;
  return 1;
};

/** Cuts a matrix gradient for contraction. */
export const sliceMatrix = ({ inSize, outSize }: MatrixSize, run: RunSize): Slicing => {
  const sideways = inSize > outSize;
  const [height, width] = sideways ? [inSize, outSize] : [outSize, inSize];
  // Rows of as many gradients of an example are formed by one product, if cut along the outputs.
  const wanted = PRODUCT_ROWS / (sideways ? 1 : run.outputs);
  const fitting = Math.max(LEAST_ROWS, PIECE_BYTES / (4 * width * run.gradients));
  const piece = divisorAtMost(height, Math.min(wanted, fitting));
  const pieces = divisorAtMost(
    height / piece,
    Math.min(PIECES, SLICE_BYTES / (rowBytes(sideways, run) * piece)),
  );
  return { inSize, outSize, sideways, piece, rows: piece * pieces };
};
