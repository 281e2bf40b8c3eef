import { sizeOf } from '@ntk-lens/core';
import { addPart, type ParameterRef, rangeOf } from '@ntk-lens/models';

/** Numbers in which sums are kept. */
type SumNumbers = Float32Array | Float64Array;

/** Sums over examples for a parameter, kept row by row where only some rows of it are ever used. */
export class ParameterSums<N extends SumNumbers> {
  readonly #shape: readonly number[];
  readonly #zeros: (size: number) => N;
  readonly #rows = new Map<number, N>();
  readonly #ranges = new Map<string, { readonly ref: ParameterRef; readonly sums: N }>();

  constructor({ shape }: ParameterRef, zeros: (size: number) => N) {
    this.#shape = shape;
    this.#zeros = zeros;
  }

  /** Sums of a row of the first axis. */
  row(index: number): N {
    const known = this.#rows.get(index) ?? this.#zeros(sizeOf(this.#shape.slice(1)));
    this.#rows.set(index, known);
    return known;
  }

  /** Sums of what a use takes, which is not rows by number: all of it, or a range of an axis. */
  part(ref: ParameterRef, size: number): N {
    const key = JSON.stringify(rangeOf(ref) ?? null);
    const known = this.#ranges.get(key) ?? { ref, sums: this.#zeros(size) };
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

const add = (whole: Float32Array, part: SumNumbers, at: number): void => {
  for (let i = 0; i < part.length; i++) whole[at + i]! += part[i]!;
};
