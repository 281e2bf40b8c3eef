import type { Random } from '@ntk-lens/core';
import type { ParameterRange } from '@ntk-lens/kernels';
import { randomOf } from './random-values.js';

// Kept for rows of tables that share a chunk.
const CACHED = 64;

/**
 * Random constants of the rows of parameters that can be had from any place: rows are cut into chunks, each
 * with a seed of its own.
 */
export class ChunkedRandom<T> {
  readonly #seed: number;
  readonly #rowsPerChunk: (width: number) => number;
  readonly #make: (random: Random, rows: number, width: number) => T;
  readonly #cache = new Map<string, T>();

  /** @param make draws the constants of so many consecutive rows of a width */
  constructor(
    seed: number,
    rowsPerChunk: (width: number) => number,
    make: (random: Random, rows: number, width: number) => T,
  ) {
    this.#seed = seed;
    this.#rowsPerChunk = rowsPerChunk;
    this.#make = make;
  }

  /**
   * Visits the chunks that hold a range.
   *
   * @param visit gets a chunk, the first row of it that belongs to the range, how many do, and the place of the
   *   first in the range
   */
  forEach(
    { key, row, rows, width }: Omit<ParameterRange, 'parameter'>,
    visit: (chunk: T, from: number, count: number, at: number) => void,
  ): void {
    const chunkRows = this.#rowsPerChunk(width);
    for (let next = row; next < row + rows; ) {
      const from = next % chunkRows;
      const count = Math.min(chunkRows - from, row + rows - next);
      const chunk = this.#chunk(key, Math.floor(next / chunkRows), chunkRows, width);
      visit(chunk, from, count, next - row);
      next += count;
    }
  }

  #chunk(key: string, index: number, rows: number, width: number): T {
    const name = `${key} ${index}`;
    const known = this.#cache.get(name);
    if (known) return known;
    const made = this.#make(randomOf(this.#seed, key, index), rows, width);
    if (this.#cache.size >= CACHED) this.#cache.delete(this.#cache.keys().next().value!);
    this.#cache.set(name, made);
    return made;
  }
}
