/** Cosine of two vectors that come in pieces, added up in float64. */
export class Cosine {
  #product = 0;
  #left = 0;
  #right = 0;

  /** Adds pieces of equal length. */
  add(x: ArrayLike<number>, y: ArrayLike<number>): void {
    for (let i = 0; i < x.length; i++) {
      const [a, b] = [x[i]!, y[i]!];
      this.#product += a * b;
      this.#left += a * a;
      this.#right += b * b;
    }
  }

  /** Undefined where one of the vectors is zero. */
  get value(): number | undefined {
    const sizes = Math.sqrt(this.#left * this.#right);
    return sizes === 0 ? undefined : this.#product / sizes;
  }
}
