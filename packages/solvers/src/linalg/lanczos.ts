import { dot } from './products.js';

/** A direction that is left of a product, relative to it, which is rounding. */
const roundingFloor = 1e-14;

/**
 * Lanczos's method from one start: an orthonormal basis V of the space that products with a symmetric operator span, and the
 * three diagonals of T = Vᵀ A V. All vectors are kept orthogonal.
 */
export class LanczosRun {
  readonly basis: Float64Array[] = [];
  /** Diagonal of T. */
  readonly alphas: number[] = [];
  /** The diagonal next to it. The last number is the length of what A V has outside of the space. */
  readonly betas: number[] = [];
  /** Length of the start. */
  readonly norm: number;
  #next: Float64Array;
  #beta: number;
  #ended: boolean;

  constructor(start: Float64Array) {
    this.#next = start;
    this.#beta = Math.sqrt(dot(start, 0, start, 0, start.length));
    this.norm = this.#beta;
    this.#ended = this.#beta === 0;
  }

  get steps(): number {
    return this.alphas.length;
  }

  /** True where no product leaves the space any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next vector of the basis, of which the caller gives the product to {@link take}. */
  next(): Float64Array {
    const v = this.#next.map((x) => x / this.#beta);
    this.basis.push(v);
    return v;
  }

  /** @param product A v of the vector that `next` gave; it is changed */
  take(product: Float64Array): void {
    const v = this.basis.at(-1)!;
    const size = v.length;
    const alpha = dot(v, 0, product, 0, size);
    this.alphas.push(alpha);
    // Twice is enough (Giraud, Langou & Rozložník 2005).
    for (let pass = 0; pass < 2; pass++) {
      for (const known of this.basis) {
        const overlap = dot(known, 0, product, 0, size);
        for (let i = 0; i < size; i++) product[i]! -= overlap * known[i]!;
      }
    }
    this.#go(product);
  }

  /** The rest of the last product, of which the next vector is made. */
  get rest(): Float64Array {
    return this.#next;
  }

  /** Does what {@link take} did in an earlier call, of which the number and the rest were kept. */
  retake(alpha: number, rest: Float64Array): void {
    this.alphas.push(alpha);
    this.#go(rest);
  }

  #go(rest: Float64Array): void {
    const size = rest.length;
    this.#next = rest;
    this.#beta = Math.sqrt(dot(rest, 0, rest, 0, size));
    this.betas.push(this.#beta);
    const largest = Math.max(...this.alphas.map(Math.abs));
    this.#ended = this.steps === size || this.#beta <= roundingFloor * largest;
  }

  /** The diagonals of T. */
  get diagonals(): readonly [diagonal: Float64Array, offDiagonal: Float64Array] {
    return [Float64Array.from(this.alphas), Float64Array.from(this.betas.slice(0, this.steps - 1))];
  }
}
