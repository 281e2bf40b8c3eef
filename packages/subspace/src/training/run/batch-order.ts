import { Mt19937 } from '@ntk-lens/core';

/**
 * The examples of a batch: every epoch goes through all of them in a new order, the last batch of an epoch
 * may be smaller. A batch depends on the seed and its number alone, so a resumed training sees the same.
 */
export class BatchOrder {
  readonly #count: number;
  readonly #size: number;
  readonly #seed: number;
  #epoch = -1;
  #order: readonly number[] = [];

  /** @param count examples @param size examples per batch */
  constructor(count: number, size: number, seed: number) {
    this.#count = count;
    this.#size = size;
    this.#seed = seed;
  }

  /** Indices of the examples in batch `number`, from 0. */
  batch(number: number): readonly number[] {
    const perEpoch = Math.ceil(this.#count / this.#size);
    const epoch = Math.floor(number / perEpoch);
    if (epoch !== this.#epoch) {
      this.#order = new Mt19937([this.#seed, epoch]).permutation(this.#count);
      this.#epoch = epoch;
    }
    const start = (number % perEpoch) * this.#size;
    return this.#order.slice(start, start + this.#size);
  }
}
