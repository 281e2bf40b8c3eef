/** Cosine of two vectors that come in pieces, added up in float64. */
export class Cosine {
  #product = 0;
  #left = 0;
  #right = 0;

  /** Adds pieces of equal length: x − from, and y. */
  add(x: Float32Array, from: Float32Array, y: Float32Array): void {
    let [product, left, right] = [0, 0, 0];
    for (let i = 0; i < x.length; i++) {
      const a = x[i]! - from[i]!;
      const b = y[i]!;
      product += a * b;
      left += a * a;
      right += b * b;
    }
    this.#product += product;
    this.#left += left;
    this.#right += right;
  }

  /** Undefined where one of the vectors is zero. */
  get value(): number | undefined {
    const sizes = Math.sqrt(this.#left * this.#right);
    return sizes === 0 ? undefined : this.#product / sizes;
  }
}
