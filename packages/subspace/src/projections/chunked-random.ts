import type { Random } from '@ntk-lens/core';
import { randomOf } from '../spaces/random-values.js';

// Kept for rows of tables that share a chunk.
const CACHED = 64;

/**
 * A long sequence of random arrays that can be had from any place: it is cut into chunks, each with a seed of
 * its own.
 */
export class ChunkedRandom<T> {
  readonly #make: (random: Random) => T;
  readonly #cache = new Map<string, T>();
  readonly #seed: number;

  /** @param make draws one chunk */
  constructor(seed: number, make: (random: Random) => T) {
    this.#seed = seed;
    this.#make = make;
  }

  chunk(key: string, index: number): T {
    const name = `${key} ${index}`;
    const known = this.#cache.get(name);
    if (known) return known;
    const made = this.#make(randomOf(this.#seed, key, index));
    if (this.#cache.size >= CACHED) this.#cache.delete(this.#cache.keys().next().value!);
    this.#cache.set(name, made);
    return made;
  }
}
