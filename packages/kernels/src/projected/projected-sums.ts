import type { GradientProjection } from './gradient-projection.js';

/** Sums of projected gradients of all examples and outputs of one side of a tile. */
export class ProjectedSums {
  readonly #projection: GradientProjection;
  readonly #rows: Map<string, Float64Array>[];

  /** @param count gradients: examples × outputs */
  constructor(projection: GradientProjection, count: number) {
    this.#projection = projection;
    this.#rows = Array.from({ length: count }, () => new Map());
  }

  /** The sum that a parameter's projected gradients are added to. */
  of(row: number, parameter: string): Float64Array {
    const group = this.#projection.groupOf(parameter);
    const sums = this.#rows[row]!;
    const known = sums.get(group);
    if (known) return known;
    const made = new Float64Array(this.#projection.size);
    sums.set(group, made);
    return made;
  }

  /** Coordinates of all gradients. */
  coordinates(): Float64Array[] {
    return this.#rows.map((sums) => this.#projection.finish(sums));
  }
}
