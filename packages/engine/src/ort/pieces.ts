import { sizeOf } from '@ntk-lens/core';
import type { Program } from '../program.js';

/**
 * Elements of a piece: inputs, results and what is between them, a dozen float32 tensors, fit the processor's caches,
 * and starting a piece costs little against computing it.
 */
export const PIECE_ELEMENTS = 2 ** 17;

/** Bytes between inputs and results, for a dozen float32 tensors. */
const WORKSPACE = 12 * 4 * PIECE_ELEMENTS;

/** An elementwise program over pieces. */
export interface Pieces {
  /** The same program for one piece. */
  readonly program: Program;
  /** Shape of the whole. */
  readonly shape: readonly number[];
}

/** The pieces of a program that works element by element on tensors longer than one; of any other nothing. */
export const piecesOf = (program: Program): Pieces | undefined => {
  if (!program.elementwise) return undefined;
  const specs = Object.entries(program.inputs);
  const length = Math.max(0, ...specs.map(([, spec]) => sizeOf(spec.shape)));
  const shape = specs.find(([, spec]) => sizeOf(spec.shape) === length)?.[1].shape;
  if (shape === undefined || length <= PIECE_ELEMENTS) return undefined;
  const inputs = Object.fromEntries(
    specs.map(([name, spec]) => [
      name,
      sizeOf(spec.shape) < length ? spec : { ...spec, shape: [PIECE_ELEMENTS] },
    ]),
  );
  return { program: { ...program, inputs, keepWorkspace: WORKSPACE }, shape };
};
