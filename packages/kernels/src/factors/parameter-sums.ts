import { sizeOf } from '@ntk-lens/core';
import { addPart, type ParameterRef, rangeOf } from '@ntk-lens/models';

/** Sums of squares for a parameter, kept row by row where only some rows of it are ever used. */
export class SquareSums {
  readonly #shape: readonly number[];
  readonly #rows = new Map<number, Float32Array>();
  readonly #ranges = new Map<string, { readonly ref: ParameterRef; readonly sums: Float32Array }>();

  constructor({ shape }: ParameterRef) {
    this.#shape = shape;
  }

  /** Sums of a row of the first axis. */
  row(index: number): Float32Array {
    const known = this.#rows.get(index) ?? new Float32Array(sizeOf(this.#shape.slice(1)));
    this.#rows.set(index, known);
    return known;
  }

  /** Sums of what a use takes, which is not rows by number: all of it, or a range of an axis. */
  part(ref: ParameterRef, size: number): Float32Array {
    const key = JSON.stringify(rangeOf(ref) ?? null);
    const known = this.#ranges.get(key) ?? { ref, sums: new Float32Array(size) };
    this.#ranges.set(key, known);
    return known.sums;
  }

  /** Adds the sums at their places in the whole parameter. */
  addTo(whole: Float32Array): void {
    const width = sizeOf(this.#shape.slice(1));
    for (const [row, sums] of this.#rows) add(whole, sums, row * width);
    for (const { ref, sums } of this.#ranges.values()) addPart(whole, ref, sums);
  }
}

const add = (whole: Float32Array, part: Float32Array, at: number): void => {
  for (let i = 0; i < part.length; i++) whole[at + i]! += part[i]!;
};
